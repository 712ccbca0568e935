import torch
w = torch.tensor([5.0, 1.0], requires_grad=True)
v = torch.zeros(2)
path = []
for step in range(30):
    loss = 0.5 * (10 * w[0] ** 2 + w[1] ** 2)
    loss.backward()
    with torch.no_grad():
        v = 0.9 * v - 0.02 * w.grad
        w += v
    w.grad = None
    path.append(w.detach().clone())
path = torch.stack(path)
print(path.shape, path[-1], path[::10])
