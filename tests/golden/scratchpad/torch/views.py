import torch
a = torch.arange(6.).view(2, 3)
b = a.t()
print(b, b.is_contiguous(), b.stride(), a.stride())
a[0, 1] = 100
print(b)
b[2, 1] = -5
print(a)
c = a.reshape(-1)
c[0] = 42
print(a)
d = b.reshape(-1)
d[0] = 0
print(a, d)
e = a[:, 1:]
e.zero_()
print(a)
f = a.detach()
f[1, 0] = 77
print(a)
g = a.clone()
g[0, 0] = 1
print(a[0, 0], g[0, 0])
h = a.unsqueeze(0).expand(2, 2, 3)
a[0, 2] = 9
print(h.shape, h[1, 0])
print(a.transpose(0, 1).contiguous().view(6))
p, q = torch.split(torch.arange(10), 5)
print(p, q)
print(torch.arange(6).view(3, 2).permute(1, 0))
