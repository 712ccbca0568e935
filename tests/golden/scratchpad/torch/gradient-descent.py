import torch
def f(x):
    return x ** 2 - 4 * x + 3
x = torch.tensor(0.0, requires_grad=True)
lr = 0.1
for i in range(20):
    y = f(x)
    y.backward()
    with torch.no_grad():
        x -= lr * x.grad
    x.grad.zero_()
    if i % 5 == 0:
        print(f"step {i}: x = {x.item():.4f}, f(x) = {y.item():.4f}")
print(x)
