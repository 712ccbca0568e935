import torch
import torch.nn.functional as F
torch.manual_seed(0)
X = torch.randn(50, 2)
y = (X[:, 0] + 2 * X[:, 1] + torch.randn(50) > 0).float()
w = torch.zeros(2, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for epoch in range(200):
    p = torch.sigmoid(X @ w + b)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).mean()
    loss.backward()
    with torch.no_grad():
        for param in (w, b):
            param -= 0.5 * param.grad
            param.grad.zero_()
print(f'{loss.item():.4f}', w, b)
accuracy = ((p > 0.5).float() == y).float().mean()
print(accuracy)
print(F.binary_cross_entropy(p, y))
