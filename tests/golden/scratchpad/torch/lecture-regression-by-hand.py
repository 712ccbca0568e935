import torch

torch.manual_seed(42)
x = torch.rand(100, 1)
y = 1 + 2 * x + 0.1 * torch.rand(100, 1)
idx = (100 * torch.rand(100)).long()
print(idx[:10].tolist())
train_idx = idx[:80]
val_idx = idx[80:]
x_train, y_train = x[train_idx], y[train_idx]
x_val, y_val = x[val_idx], y[val_idx]
print(x[:3], y[:3])

torch.manual_seed(42)
a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
print(a, b)
lr = 1e-1
n_epochs = 1000
for epoch in range(n_epochs):
    yhat = a + b * x_train
    error = y_train - yhat
    loss = (error ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a -= lr * a.grad
        b -= lr * b.grad
    a.grad.zero_()
    b.grad.zero_()
print(a, b)
print(f'a = {a.item():.4f}, b = {b.item():.4f}')
with torch.no_grad():
    train_loss = ((y_train - (a + b * x_train)) ** 2).mean()
    val_loss = ((y_val - (a + b * x_val)) ** 2).mean()
print(train_loss, val_loss)
print(f'{train_loss.item():.4f} {val_loss.item():.4f}')
