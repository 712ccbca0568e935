import torch
x = torch.ones(2, 2, requires_grad=True)
print(x + 1, x - 1, x * 2, x / 2, x ** 2, -x)
print(x.exp(), x.log(), x.sqrt(), x.sin(), x.cos(), x.tanh(), x.sigmoid(), x.relu(), x.abs())
print(x.sum(), x.sum(0), x.mean(), x.mean(0), x.max(), x.max(0).values, x.min(), x.prod(), x.std(), x.var(), x.norm())
print(x @ x, x.mm(x), x.t(), x.T, x.view(4), x.reshape(4), x.flatten(), x.transpose(0, 1), x.permute(1, 0))
print(x[0], x[:, 0], x[0, 0], x[x > 0], x[[0, 1]], x[0:1], x[None], x[..., 0])
print(x.unsqueeze(0), x.squeeze(), x.clone(), x.expand(2, 2), x.repeat(1, 2), torch.cat([x, x]), torch.stack([x, x]))
print(x.softmax(0), x.log_softmax(0), x.clamp(0, 1), x.cumsum(0), torch.where(x > 0, x, x), x.pow(x), 2 ** x)
print(x.matmul(torch.ones(2)), torch.ones(2) @ x, x[0].dot(x[1]), torch.maximum(x, x), x.double(), x.floor())
print(x.sort().values, x.topk(1).values, x.gather(0, torch.zeros(1, 2, dtype=torch.long)), x.diag(), x.tril(), x.flip(0))
print(torch.bmm(x.unsqueeze(0), x.unsqueeze(0)), torch.einsum('ij,jk->ik', x, x).shape, x.logsumexp(0), x.unbind(0)[0])
y = x * 2
print(y.grad_fn.next_functions[0][0].name(), y.grad_fn.name())
