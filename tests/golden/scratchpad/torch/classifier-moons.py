import torch
from torch import nn, optim
import torch.nn.functional as F
torch.manual_seed(7)
n = 60
angle = torch.linspace(0, 3.14159, n)
first = torch.stack([torch.cos(angle), torch.sin(angle)], dim=1)
second = torch.stack([1 - torch.cos(angle), 0.5 - torch.sin(angle)], dim=1)
X = torch.cat([first, second]) + 0.1 * torch.randn(2 * n, 2)
y = torch.cat([torch.zeros(n), torch.ones(n)]).long()

class Net(nn.Module):
    def __init__(self, hidden):
        super(Net, self).__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, 2)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        return self.fc2(x)

net = Net(16)
print(net)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.5, momentum=0.9)
for epoch in range(100):
    optimizer.zero_grad()
    loss = criterion(net(X), y)
    loss.backward()
    optimizer.step()
    if epoch % 25 == 0:
        accuracy = (net(X).argmax(dim=1) == y).float().mean()
        print(f'{epoch:3d} {loss.item():.4f} {accuracy.item():.3f}')
print(loss)
