import torch
x = torch.tensor([2.0], requires_grad=True)
y = x * 3
y.retain_grad()
z = y ** 2
z.backward()
print(x.grad, y.grad, x.is_leaf, y.is_leaf, z.requires_grad)
x.grad.zero_()
g = torch.autograd.grad((x ** 3).sum(), x)
print(g, x.grad)
w = x.detach().clone()
print(w.requires_grad, w)
x.grad = None
for i in range(3):
    (x * i).backward()
print(x.grad)
a = torch.randn(3)
print(a.requires_grad, (a * 2).requires_grad, a.is_leaf)
with torch.no_grad():
    q = x * 2
    with torch.enable_grad():
        r = x * 2
print(q.requires_grad, r.requires_grad)
@torch.no_grad()
def f(v):
    return v * 2
print(f(x).requires_grad)
