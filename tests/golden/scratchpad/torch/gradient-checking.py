import torch
torch.manual_seed(0)
def f(x):
    return (x ** 3 + torch.sin(x)).sum()
x = torch.randn(4, dtype=torch.float64, requires_grad=True)
f(x).backward()
eps = 1e-6
numeric = torch.zeros_like(x)
for i in range(4):
    e = torch.zeros(4, dtype=torch.float64)
    e[i] = eps
    with torch.no_grad():
        numeric[i] = (f(x + e) - f(x - e)) / (2 * eps)
print(x.grad)
print(torch.allclose(x.grad, numeric, atol=1e-6))
