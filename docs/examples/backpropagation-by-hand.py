# %%
# A network 2-3-1 of sigmoids, its half squared error, and the deltas written out.
import torch

torch.manual_seed(0)
X = torch.rand(5, 2)
D = torch.rand(5, 1)
W1 = torch.randn(2, 3, requires_grad=True)
W2 = torch.randn(3, 1, requires_grad=True)

# %%
# Forward: u = v W, v = f(u).
V1 = torch.sigmoid(X @ W1)
Y = torch.sigmoid(V1 @ W2)
E = 0.5 * ((Y - D) ** 2).sum()
E

# %%
# Backward by hand: the output's delta, then the hidden ones through the weights. f'(u) = v (1 - v).
with torch.no_grad():
    delta2 = (Y - D) * Y * (1 - Y)
    delta1 = (delta2 @ W2.t()) * V1 * (1 - V1)
    dW2 = V1.t() @ delta2
    dW1 = X.t() @ delta1
print(dW1)
print(dW2)

# %%
# The record run backwards gives the same.
E.backward()
print(torch.allclose(dW1, W1.grad), torch.allclose(dW2, W2.grad))

# %%
# A step against the gradient makes the error smaller.
with torch.no_grad():
    for rate in (0.1, 1., 10.):
        moved = torch.sigmoid(torch.sigmoid(X @ (W1 - rate * W1.grad)) @ (W2 - rate * W2.grad))
        print(f'rate {rate:4.1f}: E {E.item():.4f} -> {0.5 * ((moved - D) ** 2).sum().item():.4f}')
