# %%
# Two half circles that no straight line can separate.
import math
import torch
from torch import nn, optim
import matplotlib.pyplot as plt

torch.manual_seed(7)
n = 80
angle = torch.linspace(0, math.pi, n)
upper = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
lower = torch.stack([1 - torch.cos(angle), 0.5 - torch.sin(angle)], dim=1)
X = torch.cat([upper, lower]) + 0.1 * torch.randn(2 * n, 2)
y = torch.cat([torch.zeros(n), torch.ones(n)]).long()

plt.plot(X[:n, 0].numpy(), X[:n, 1].numpy(), 'o', label='0')
plt.plot(X[n:, 0].numpy(), X[n:, 1].numpy(), 's', label='1')
plt.legend()
plt.show()

# %%
net = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
losses = []
for epoch in range(200):
    optimizer.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
accuracy = (net(X).argmax(dim=1) == y).float().mean()
print(f'loss {loss.item():.4f}, accuracy {accuracy.item():.3f}')
plt.plot(losses)
plt.yscale('log')
plt.xlabel('epoch')
plt.ylabel('cross-entropy')
plt.show()

# %%
# What the network answers everywhere: how sure it is of class 1.
side = 60
xs = torch.linspace(-1.5, 2.5, side)
ys = torch.linspace(1.5, -1, side)
grid = torch.stack([xs.repeat(side), ys.view(side, 1).repeat(1, side).view(-1)], dim=1)
with torch.no_grad():
    sure = torch.softmax(net(grid), dim=1)[:, 1].view(side, side)
plt.imshow(sure.numpy(), cmap='coolwarm')
plt.title('probability of class 1')
plt.show()
