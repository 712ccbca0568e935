import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import grad

def rounded(v):
    return [f'{x:.6g}' for x in (v.detach() + 0).flatten().tolist()[:8]]

# x³ three times.
x = torch.tensor(2.0, requires_grad=True)
y = x ** 3
first, = grad(y, x, create_graph=True)
second, = grad(first, x, create_graph=True)
third, = grad(second, x)
print(first.item(), second.item(), third.item(), first.requires_grad, third.requires_grad)

# Into .grad, and on.
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
(x ** 3).sum().backward(create_graph=True)
print(x.grad.tolist(), x.grad.requires_grad)
g = x.grad
x.grad = None
(g * g).sum().backward()
print(x.grad.tolist())

# Every function of one element: f, f' and f''.
torch.manual_seed(1)
draw = (4 * torch.rand(6) - 2).double()
positive = draw.abs() + 0.3
functions = {
    'exp': torch.exp, 'sin': torch.sin, 'cos': torch.cos, 'tanh': torch.tanh, 'sigmoid': torch.sigmoid, 'erf': torch.erf,
    'relu': F.relu, 'leaky_relu': F.leaky_relu, 'elu': F.elu, 'selu': F.selu, 'celu': lambda x: F.celu(x, 1.5),
    'softplus': F.softplus, 'softsign': F.softsign, 'gelu': F.gelu, 'gelu tanh': lambda x: F.gelu(x, approximate='tanh'),
    'silu': F.silu, 'mish': F.mish, 'hardswish': F.hardswish, 'abs': torch.abs,
    'square': torch.square, 'cube': lambda x: x ** 3, 'minus': lambda x: 3 - x * x, 'over': lambda x: x / (x * x + 1),
    'clamp': lambda x: (x.float().clamp(-1, 1) ** 3).double(), 'where': lambda x: torch.where(x > 0, x ** 2, x ** 3),
    'power of two': lambda x: 2.0 ** x, 'atan': torch.atan, 'sinh': torch.sinh, 'cosh': torch.cosh, 'expm1': torch.expm1, 'exp2': torch.exp2,
    'asin': lambda x: torch.asin(x / 3), 'acos': lambda x: torch.acos(x / 3), 'tan': lambda x: torch.tan(x / 3),
    'hardtanh': lambda x: F.hardtanh(x) ** 3,
}
of_positive = {'log': torch.log, 'sqrt': torch.sqrt, 'reciprocal': torch.reciprocal, 'log2': torch.log2, 'log10': torch.log10, 'log1p': torch.log1p, 'rsqrt': torch.rsqrt, 'power': lambda x: x ** 1.5, 'x to x': lambda x: x ** x}
for name, f in list(functions.items()) + list(of_positive.items()):
    x = (positive if name in of_positive else draw).clone().requires_grad_(True)
    first, = grad((f(x) * torch.arange(1, 7)).sum(), x, create_graph=True)
    total = (first * first).sum()
    second, = grad(total, x)
    print(name, rounded(first), rounded(second))

# Operations on several elements: gradient of the squared gradient.
def check(name, f, *shapes):
    inputs = [(3 * torch.rand(*shape) - 1).double().requires_grad_(True) for shape in shapes]
    out = f(*inputs)
    weights = torch.arange(1, out.numel() + 1).double().view(out.shape) / 10
    first = grad((out * weights).sum() + (out * out * out).sum(), inputs, create_graph=True)
    total = sum((g * g).sum() for g in first)
    second = grad(total, inputs)
    print(name, f'{total.item():.6g}', *(rounded(g)[:4] for g in second))

check('mm', lambda a, b: a @ b, (2, 3), (3, 4))
check('mv', lambda a, b: a @ b, (2, 3), (3,))
check('dot', lambda a, b: a @ b, (3,), (3,))
check('vm', lambda a, b: a @ b, (3,), (3, 2))
check('bmm', lambda a, b: a @ b, (2, 2, 3), (2, 3, 2))
check('spread matmul', lambda a, b: a @ b, (2, 3), (4, 3, 2))
check('vector of many', lambda a, b: a @ b, (4, 2, 3), (3,))
check('linear', lambda x, w, b: F.linear(x, w, b), (4, 3), (2, 3), (2,))
check('broadcast', lambda a, b: a * b + a / (b * b + 1) - b, (2, 1, 3), (4, 1))
check('sum', lambda a: (a * a).sum(dim=1), (2, 3))
check('mean', lambda a: (a * a * a).mean(dim=0, keepdim=True), (2, 3))
check('max', lambda a: (a * a).amax(dim=1), (3, 4))
check('pairs', lambda a, b: torch.maximum(a * a, b) + torch.minimum(a, b * b), (2, 3), (2, 3))
check('std', lambda a: a.std(dim=1), (3, 4))
check('norm', lambda a: a.norm(dim=1), (3, 4))
check('softmax', lambda a: F.softmax(a, dim=1), (3, 4))
check('log_softmax', lambda a: F.log_softmax(a, dim=-1), (3, 4))
check('logsumexp', lambda a: torch.logsumexp(a, dim=1), (3, 4))
check('layer_norm', lambda a, w, b: F.layer_norm(a, (4,), w, b), (3, 4), (4,), (4,))
check('views', lambda a: (a * a).t().reshape(2, 6)[:, 1:4] * a.view(-1)[2:5], (3, 4))
check('index', lambda a: a[[0, 2, 2]] * a[:, 1].view(3, 1), (3, 4))
check('cat', lambda a, b: torch.cat([a * b, a, b * b], dim=1), (2, 3), (2, 3))
check('stack', lambda a, b: torch.stack([a * b, b]).transpose(0, 1), (2, 3), (2, 3))
check('pad', lambda a: F.pad(a * a, (1, 2)), (2, 3))
check('expand', lambda a: a.view(2, 1).expand(2, 3) ** 2, (2,))
check('embedding', lambda w: F.embedding(torch.tensor([1, 0, 1]), w) ** 2, (3, 2))
check('cumsum', lambda a: (a * a).cumsum(dim=1), (2, 3))
check('prod', lambda a: a.prod(dim=1), (2, 3))

def written(a):
    b = a * a
    b[0] = a[1] * 2
    return b
check('written', written, (2, 3))

# A gradient penalty trains a network.
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).double()
x = (2 * torch.rand(5, 2) - 1).double().requires_grad_(True)
slope, = grad(net(x).sum(), x, create_graph=True)
penalty = ((slope.norm(dim=1) - 1) ** 2).mean()
penalty.backward()
print(f'{penalty.item():.6g}')
for name, p in net.named_parameters():
    print(name, None if p.grad is None else rounded(p.grad)[:4])

# Newton's method, and a matrix of second derivatives.
x = torch.tensor([1.5, -0.5], dtype=torch.float64, requires_grad=True)
def f(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
g, = grad(f(x), x, create_graph=True)
H = torch.stack([grad(g[i], x, retain_graph=True)[0] for i in range(2)])
print(H)
print(torch.autograd.grad(f(x), x)[0])
