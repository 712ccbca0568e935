import torch
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
d = torch.tensor([0., 0., 0., 1.])
w = torch.zeros(2)
bias = torch.tensor(0.)
for epoch in range(10):
    mistakes = 0
    for x, t in zip(X, d):
        y = (x @ w + bias > 0).float()
        if y != t:
            w += 0.5 * (t - y) * x
            bias += 0.5 * (t - y)
            mistakes += 1
    if mistakes == 0:
        break
print(epoch, w, bias)
print([int((x @ w + bias > 0).item()) for x in X])
