import torch
x = torch.arange(24).reshape(2, 3, 4)
print(x[0], x[0, 1], x[0, 1, 2])
print(x[:, 1], x[..., 0], x[:, :, -1])
print(x[:, ::2, 1:3])
print(x[1, [0, 2]], x[[0, 1], [1, 2]])
print(x[x > 15])
print(x[None, 0].shape, x[:, None].shape, x[..., None].shape)
idx = torch.tensor([2, 0])
print(x[:, idx], x[:, :, idx].shape)
print(x[torch.tensor([True, False])])
y = torch.zeros(3, 3)
y[1] = 1
y[:, 2] = torch.tensor([5., 6., 7.])
y[0, 0] += 10
y[y > 6] = -1
print(y)
y[[0, 1], [0, 1]] = torch.tensor([8., 9.])
print(y)
y[0:2, 0:2].fill_(3)
print(y)
row = y[2]
row += 1
print(y, row)
print(x.float().mean(), x[-1, -1], len(x))
for r in y:
    print(r)
