import torch
import torch.nn as nn
torch.manual_seed(0)
x = torch.linspace(-1, 1, 20).view(-1, 1)
y = x ** 3
train, val = x[::2], x[1::2]
net = nn.Sequential(nn.Linear(1, 10), nn.Tanh(), nn.Linear(10, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.02)
best, patience, bad = float('inf'), 5, 0
for epoch in range(500):
    opt.zero_grad()
    loss = ((net(train) - y[::2]) ** 2).mean()
    loss.backward()
    opt.step()
    with torch.no_grad():
        v = ((net(val) - y[1::2]) ** 2).mean().item()
    if v < best - 1e-5:
        best, bad = v, 0
    else:
        bad += 1
        if bad >= patience:
            break
print(epoch, f'{best:.3f}')
