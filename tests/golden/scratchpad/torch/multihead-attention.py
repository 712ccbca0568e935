import torch
import torch.nn as nn

def show(v):
    print(tuple(v.shape), [f'{x:.6g}' for x in v.detach().flatten().tolist()[:6]], f'{v.abs().sum().item():.6g}')

def draw(*size):
    return (4 * torch.rand(*size) - 2).double().requires_grad_(True)

torch.manual_seed(5)
attention = nn.MultiheadAttention(8, 2).double()
print(attention)
print([(name, tuple(p.shape)) for name, p in attention.named_parameters()])
x, y = draw(5, 3, 8), draw(4, 3, 8)
out, weights = attention(x, y, y)
show(out)
show(weights)
(out.pow(2).sum() + (weights * weights).sum()).backward()
for name, p in attention.named_parameters():
    print(name)
    show(p.grad)
show(x.grad)
show(y.grad)

# Causal, with padding, the batch first, the weights of every head.
attention = nn.MultiheadAttention(6, 3, bias=False, batch_first=True).double()
print(attention, len(attention.state_dict()))
x = draw(2, 4, 6)
causal = torch.triu(torch.ones(4, 4), diagonal=1).bool()
out, weights = attention(x, x, x, attn_mask=causal, average_attn_weights=False)
show(out)
print([[f'{w:.6g}' for w in row] for row in weights[0, 0].tolist()])
padding = torch.tensor([[False, False, False, True], [False, False, True, True]])
out, weights = attention(x, x, x, key_padding_mask=padding)
show(out)
show(weights)
print(attention(x, x, x, need_weights=False)[1])

# One sequence alone.
out, weights = attention(x[0], x[0], x[0])
show(out)
show(weights)

try:
    nn.MultiheadAttention(6, 4)
except AssertionError as e:
    print(e)
