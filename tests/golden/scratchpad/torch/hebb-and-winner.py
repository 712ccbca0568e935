import torch
torch.manual_seed(0)
W = torch.rand(3, 2)
data = torch.cat([torch.randn(10, 2) * 0.1 + torch.tensor([1., 0.]), torch.randn(10, 2) * 0.1 + torch.tensor([0., 1.])])
for epoch in range(5):
    for x in data[torch.randperm(len(data))]:
        winner = torch.norm(W - x, dim=1).argmin()
        W[winner] += 0.3 * (x - W[winner])
print(W)
w = torch.zeros(2)
for x in data:
    y = x @ (w + 0.1)
    w += 0.1 * y * x
    w /= w.norm()
print(w)
