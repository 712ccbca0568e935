import torch
import torch.nn as nn
import torch.optim as optim

torch.manual_seed(42)
x = torch.rand(100, 1)
y = 1 + 2 * x + 0.1 * torch.rand(100, 1)
idx = (100 * torch.rand(100)).long()
x_train, y_train = x[idx[:80]], y[idx[:80]]

class ManualLinearRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.randn(1, requires_grad=True, dtype=torch.float))
        self.b = nn.Parameter(torch.randn(1, requires_grad=True, dtype=torch.float))

    def forward(self, x):
        return self.a + self.b * x

class LayerLinearRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)

for make in (ManualLinearRegression, LayerLinearRegression):
    torch.manual_seed(42)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    model = make().to(device)
    print(dict(model.state_dict()))
    loss_fn = nn.MSELoss(reduction='mean')
    optimizer = optim.SGD(model.parameters(), lr=1e-1)
    for epoch in range(1000):
        model.train()
        yhat = model(x_train)
        loss = loss_fn(y_train, yhat)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(model)
    for name, p in model.named_parameters():
        print(name, p.data)
    print(loss)
