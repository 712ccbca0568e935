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
# A device of our own, to see what several of them mean where there is no GPU: it counts as one and computes on the processor.
import deltalab

deltalab.simulate_gpus(1)
print(torch.cuda.is_available(), torch.cuda.device_count())
on_gpu = torch.ones(2, 2).to('cuda')
print(on_gpu.device)

# %%
# Operands must be on the same device. Moved there, they can be added.
on_cpu = torch.ones(2, 2)
print(on_gpu + on_cpu.to('cuda'))

# %%
# Without that it is an error, which names both devices and the way out.
on_gpu + on_cpu
