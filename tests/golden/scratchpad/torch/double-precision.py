import torch
x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True)
y = (x ** 2).sum() / 3
y.backward()
print(x, y, x.grad, x.dtype)
print(x.float(), torch.ones(2).double(), torch.tensor(1 / 3, dtype=torch.float64).item())
z = x.float() * 2
z.sum().backward()
print(x.grad, torch.zeros(2, dtype=torch.double) + torch.ones(2))
