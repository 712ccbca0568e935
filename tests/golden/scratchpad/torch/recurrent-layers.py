import torch
import torch.nn as nn

# In double precision, where six digits are the same on every processor.
def rounded(v):
    return [f'{x:.6g}' for x in v.detach().flatten().tolist()[:6]]

def show(*values):
    for v in values:
        if isinstance(v, tuple):
            show(*v)
        else:
            print(tuple(v.shape), rounded(v), f'{v.abs().sum().item():.6g}')

def gradients(net, x, *states):
    total = 0
    for i, v in enumerate(net(x, *states)):
        parts = v if isinstance(v, tuple) else (v,)
        for j, part in enumerate(parts):
            total = total + ((i + 1 + 0.5 * j) * part * part).sum()
    total.backward()
    print(f'{total.item():.6g}')
    for name, p in net.named_parameters():
        print(name, tuple(p.shape), rounded(p.grad)[:3], f'{p.grad.abs().sum().item():.6g}')
    print('x', rounded(x.grad)[:3], f'{x.grad.abs().sum().item():.6g}')

torch.manual_seed(3)
for kind in (nn.RNN, nn.LSTM, nn.GRU):
    net = kind(3, 4)
    out = net(torch.randn(5, 2, 3))[0]
    print(out.dtype, tuple(out.shape), f'{out.abs().sum().item():.3g}')

def draw(*size):
    return (4 * torch.rand(*size) - 2).double().requires_grad_(True)

for kind in (nn.RNN, nn.LSTM, nn.GRU):
    net = kind(3, 4).double()
    print(net)
    x = draw(5, 2, 3)
    show(*net(x))
    gradients(net, x)

# Layers, two directions, the batch first, a state to start from.
for kind in (nn.RNN, nn.LSTM, nn.GRU):
    net = kind(3, 4, num_layers=2, bidirectional=True, batch_first=True).double()
    print(net)
    print(list(net.state_dict().keys()))
    x = draw(2, 5, 3)
    h0 = draw(4, 2, 4)
    c0 = draw(4, 2, 4)
    start = (h0, c0) if kind is nn.LSTM else h0
    show(*net(x, start))
    gradients(net, x, start)
    print('h0', rounded(h0.grad), f'{h0.grad.abs().sum().item():.6g}')
    if kind is nn.LSTM:
        print('c0', rounded(c0.grad), f'{c0.grad.abs().sum().item():.6g}')

# Without a batch, without biases, with another activation.
net = nn.RNN(2, 3, nonlinearity='relu', bias=False).double()
print(net, len(list(net.parameters())))
show(*net(draw(4, 2)))
net = nn.LSTM(2, 3, bidirectional=True).double()
show(*net(draw(4, 2), (draw(2, 3), draw(2, 3))))

# One step at a time.
for kind in (nn.RNNCell, nn.LSTMCell, nn.GRUCell):
    cell = kind(3, 4).double()
    print(cell, [(n, tuple(p.shape)) for n, p in cell.named_parameters()])
    x = draw(6, 2, 3)
    state = None
    for t in range(6):
        state = cell(x[t], state)
    show(state)
    loss = (state[0] if isinstance(state, tuple) else state).pow(2).sum()
    loss.backward()
    for name, p in cell.named_parameters():
        print(name, rounded(p.grad)[:3], f'{p.grad.abs().sum().item():.6g}')
print(nn.RNNCell(2, 2, bias=False, nonlinearity='relu'), nn.LSTMCell(2, 3, bias=False))
show(nn.GRUCell(3, 4).double()(draw(3)))

# A cell repeated is the layer.
layer, cell = nn.LSTM(3, 4), nn.LSTMCell(3, 4)
cell.weight_ih, cell.weight_hh = layer.weight_ih_l0, layer.weight_hh_l0
cell.bias_ih, cell.bias_hh = layer.bias_ih_l0, layer.bias_hh_l0
x = torch.randn(6, 2, 3)
out, (h, c) = layer(x)
state = None
for t in range(6):
    state = cell(x[t], state)
print(torch.allclose(state[0], h[0], atol=1e-6), torch.allclose(state[1], c[0], atol=1e-6))

# Dropout between the layers acts in training only.
net = nn.GRU(3, 4, num_layers=2, dropout=0.5).double()
print(net)
x = draw(5, 2, 3)
torch.manual_seed(8)
a = net(x)[0]
torch.manual_seed(8)
b = net(x)[0]
print(torch.equal(a, b), torch.equal(a, net(x)[0]))
net.eval()
show(*net(x))

# What does not fit is said.
for bad in (lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 2)), lambda: nn.GRU(3, 4)(torch.zeros(2, 2, 2, 3)),
            lambda: nn.GRU(3, 4)(torch.zeros(5, 2, 3), torch.zeros(1, 3, 4)),
            lambda: nn.LSTM(3, 4)(torch.zeros(5, 2, 3), (torch.zeros(1, 2, 4), torch.zeros(1, 2, 5)))):
    try:
        bad()
    except (RuntimeError, ValueError) as e:
        print(type(e).__name__, e)
