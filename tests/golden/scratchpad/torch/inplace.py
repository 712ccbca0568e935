import torch
x = torch.tensor([1., 4., 9.])
x.sqrt_()
print(x)
x.mul_(2).add_(1)
print(x)
x.clamp_(max=6)
print(x)
x.fill_(3)
x -= 1
x *= torch.tensor([1., 2., 3.])
x /= 2
x **= 2
print(x)
x.copy_(torch.tensor([7, 8, 9]))
print(x)
y = torch.zeros(2, 2)
y.fill_diagonal_(5)
print(y)
i = torch.tensor([1, 2, 3])
i += 2
print(i, i.dtype)
w = torch.ones(3, requires_grad=True)
with torch.no_grad():
    w *= 2
w.data[0] = 10
print(w)
z = w * 3
z[0] = 0
z.sum().backward()
print(z, w.grad)
