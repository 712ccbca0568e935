import torch
import torch.nn as nn
torch.manual_seed(4)

class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(x + self.bn(self.conv(x)))

net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), Residual(4), nn.MaxPool2d(2), Residual(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
x = torch.randn(6, 1, 8, 8)
y = torch.tensor([0, 1, 0, 1, 0, 1])
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for step in range(5):
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f'{loss.item():.4f}')
print(net[1].bn.running_mean, net[1].bn.num_batches_tracked)
net.eval()
print(net(x[:2]))
print(sum(p.numel() for p in net.parameters()))
