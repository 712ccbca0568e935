import torch
import torch.nn as nn
torch.manual_seed(0)
for act in (nn.Sigmoid, nn.Tanh, nn.ReLU):
    torch.manual_seed(0)
    layers = []
    for i in range(8):
        layers += [nn.Linear(10, 10), act()]
    net = nn.Sequential(*layers, nn.Linear(10, 1))
    x = torch.randn(16, 10)
    net(x).pow(2).mean().backward()
    norms = [m.weight.grad.norm().item() for m in net if isinstance(m, nn.Linear)]
    print(act.__name__, ' '.join(f'{n:.1e}' for n in norms))
