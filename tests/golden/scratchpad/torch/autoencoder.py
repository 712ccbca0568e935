import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)

class AutoEncoder(nn.Module):
    def __init__(self, size, code):
        super().__init__()
        self.encoder = nn.Linear(size, code)
        self.decoder = nn.Linear(code, size)

    def forward(self, x):
        code = torch.tanh(self.encoder(x))
        return torch.sigmoid(self.decoder(code)), code

data = torch.eye(8)
net = AutoEncoder(8, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(100):
    out, code = net(data)
    loss = F.mse_loss(out, data)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f'{loss.item():.3f}', code.shape, out.argmax(1))
