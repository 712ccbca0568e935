import torch
torch.manual_seed(0)
w = torch.randn(5, requires_grad=True)
(w * 100).pow(2).sum().backward()
norm = w.grad.norm()
clip = 1.0
if norm > clip:
    w.grad.mul_(clip / norm)
print(round(w.grad.norm().item(), 4))
w.grad.clamp_(-0.1, 0.1)
print(w.grad)
