# %%
# What is computed from x is recorded, because x asks for a gradient.
import torch

x = 2 * torch.ones(2, 2)
x.requires_grad_(True)
z = 2 * x * x + 5 * x
z

# %%
# The record is run backwards: dz/dx = 4x + 5, which is 13 at x = 2.
z.backward(torch.ones(2, 2))
x.grad

# %%
# Every result knows the function that takes its gradient back.
print(z.grad_fn)
print(x.is_leaf, z.is_leaf)

# %%
# Gradients add up, so they are set to zero before the next pass.
w = torch.tensor(3., requires_grad=True)
for _ in range(3):
    loss = (w - 1) ** 2
    loss.backward()
    print(w.grad)
w.grad.zero_()
w.grad

# %%
# Nothing is recorded here, and detach() cuts a value off from what it was computed from.
with torch.no_grad():
    print((w * 2).requires_grad)
print((w * 2).detach().requires_grad)
