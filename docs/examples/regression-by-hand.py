# %%
# y = 1 + 2x with noise; 80 points to learn from, 20 to check with. Some are drawn twice.
import torch
import matplotlib.pyplot as plt

torch.manual_seed(42)
x = torch.rand(100, 1)
y = 1 + 2 * x + 0.1 * torch.rand(100, 1)
order = (100 * torch.rand(100)).long()
x_train, y_train = x[order[:80]], y[order[:80]]
x_val, y_val = x[order[80:]], y[order[80:]]

plt.plot(x_train.numpy(), y_train.numpy(), '.', label='training')
plt.plot(x_val.numpy(), y_val.numpy(), 'x', label='validation')
plt.xlabel('x')
plt.ylabel('y')
plt.legend()
plt.show()

# %%
# Where the line starts.
torch.manual_seed(42)
a = torch.randn(1, requires_grad=True)
b = torch.randn(1, requires_grad=True)
print(f'a = {a.item():.4f}, b = {b.item():.4f}')

# %%
# 1000 steps against the gradient of the mean squared error.
lr = 0.1
losses = []
for epoch in range(1000):
    yhat = a + b * x_train
    error = y_train - yhat
    loss = (error ** 2).mean()
    loss.backward()
    with torch.no_grad():
        a -= lr * a.grad
        b -= lr * b.grad
    a.grad.zero_()
    b.grad.zero_()
    losses.append(loss.item())
print(f'a = {a.item():.4f}, b = {b.item():.4f}')

# %%
with torch.no_grad():
    fitted = a + b * x_val
    train_loss = ((y_train - (a + b * x_train)) ** 2).mean()
    val_loss = ((y_val - fitted) ** 2).mean()
print(f'training error {train_loss.item():.4f}, validation error {val_loss.item():.4f}')

plt.figure(figsize=(8, 3))
plt.subplot(1, 2, 1)
plt.plot(losses)
plt.yscale('log')
plt.xlabel('epoch')
plt.ylabel('loss')
plt.subplot(1, 2, 2)
plt.plot(x_val.numpy(), y_val.numpy(), 'x', label='validation')
plt.plot(x_val.numpy(), fitted.numpy(), 'o', label='fitted')
plt.legend()
plt.show()
