import torch
import torch.nn as nn
import torch.nn.functional as F
x = torch.linspace(-2.5, 2.25, 6, requires_grad=True)
for layer in [nn.ReLU(), nn.LeakyReLU(0.1), nn.ELU(), nn.SELU(), nn.GELU(), nn.Tanh(), nn.Sigmoid(), nn.Softplus(), nn.SiLU(), nn.Mish(), nn.Softsign(), nn.Hardtanh(), nn.ReLU6(), nn.LogSigmoid(), nn.Hardswish(), nn.Hardsigmoid(), nn.CELU(), nn.Identity()]:
    y = layer(x)
    x.grad = None
    y.sum().backward()
    print(layer)
    print(y)
    print(x.grad)
print(nn.Softmax(dim=0)(x), F.softmax(x, dim=0), nn.LogSoftmax(dim=-1)(x), F.gelu(x, approximate='tanh'))
print(torch.relu(x), torch.sigmoid(x), torch.tanh(x), F.leaky_relu(x), F.elu(x, alpha=0.5))
