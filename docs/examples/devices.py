# %%
# Where tensors can be.
import torch

print('a GPU is there:', torch.cuda.is_available())
print('how many:', torch.cuda.device_count())

# %%
# The same program for both kinds of machine.
device = 'cuda' if torch.cuda.is_available() else 'cpu'
x = torch.ones(2, 2).to(device)
print(x.device)
print((x + x).cpu())

# %%
# Operands must be on the same device. 'meta' is a device of shapes without values; it is there on every machine.
y = torch.ones(2, 2, device='meta')
x + y
