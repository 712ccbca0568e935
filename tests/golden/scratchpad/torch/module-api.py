import torch
import torch.nn as nn
torch.manual_seed(1)

class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.linear = nn.Linear(size, size)
        self.act = nn.Tanh()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.act(self.linear(x)) * self.scale

class Model(nn.Module):
    def __init__(self, size=3, depth=2):
        super().__init__()
        self.blocks = nn.ModuleList([Block(size) for _ in range(depth)])
        self.head = nn.Sequential(nn.Linear(size, 1), nn.Dropout(0.2))
        self.register_buffer('mean', torch.zeros(size))

    def forward(self, x):
        x = x - self.mean
        for block in self.blocks:
            x = block(x)
        return self.head(x)

model = Model()
print(model)
for name, p in model.named_parameters():
    print(name, tuple(p.shape), p.requires_grad)
print([name for name, _ in model.named_children()], len(list(model.modules())))
print(list(model.state_dict().keys()))
model.eval()
print(model.training, model.head[1].training, model(torch.ones(1, 3)))
model.train()
print(model.training)
for p in model.head.parameters():
    p.requires_grad = False
print(sum(p.numel() for p in model.parameters() if p.requires_grad))
other = Model()
other.load_state_dict(model.state_dict())
other.eval()
model.eval()
print(torch.equal(model(torch.ones(2, 3)), other(torch.ones(2, 3))))

def init(m):
    if isinstance(m, nn.Linear):
        nn.init.constant_(m.weight, 0.5)
        nn.init.zeros_(m.bias)

model.apply(init)
print(model(torch.ones(1, 3)))
