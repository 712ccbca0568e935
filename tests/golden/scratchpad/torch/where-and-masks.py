import torch
x = torch.linspace(-1, 1, 5, requires_grad=True)
y = torch.where(x > 0, x ** 2, -x)
y.sum().backward()
print(y, x.grad)
m = torch.tensor([True, False, True, False, True])
print(x[m], x.masked_fill(m, 0), torch.masked_select(x, m), m.sum(), m.any(), m.all(), ~m)
z = x.detach().clone()
z[m] = torch.tensor([10., 20., 30.])
z[~m] *= 2
print(z, z.nonzero(), (z > 5).nonzero(as_tuple=True))
t = torch.zeros(3, 3)
t.scatter_(1, torch.tensor([[0], [2], [1]]), 1.0)
print(t, t.argmax(1), torch.isin(torch.tensor([1, 2, 3]), torch.tensor([2, 3])))
q = torch.ones(2, 3, requires_grad=True)
r = q * 2
r[:, 0] = torch.tensor([5., 6.])
r[1, 1:] = q[0, :2] * 3
r.sum().backward()
print(r, q.grad)
