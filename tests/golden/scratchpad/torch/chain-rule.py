import torch
x = torch.tensor(2.0, requires_grad=True)
w = torch.tensor(-3.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
u = w * x + b
v = torch.sigmoid(u)
error = 0.5 * (v - 1) ** 2
u.retain_grad()
v.retain_grad()
error.backward()
print(v, error)
print(v.grad, u.grad, w.grad, x.grad, b.grad)
print(torch.isclose(v.grad, v - 1), torch.isclose(u.grad, v.grad * v * (1 - v)), torch.isclose(w.grad, u.grad * x))
