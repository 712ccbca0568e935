import torch
x = 2 * torch.ones(2, 2)
x.requires_grad_(True)
z = 2 * x * x + 5 * x
print(z)
z.backward(torch.ones(2, 2))
print(x.grad)
print(x.requires_grad, z.requires_grad, x.is_leaf, z.is_leaf)
