import torch
torch.manual_seed(0)
def softmax(x):
    return x.exp() / x.exp().sum(-1).unsqueeze(-1)
def nll(input, target):
    return -input[range(target.shape[0]), target].mean()
weights = torch.randn(4, 3) / 2
weights.requires_grad_()
bias = torch.zeros(3, requires_grad=True)
xb = torch.randn(6, 4)
yb = torch.tensor([0, 1, 2, 0, 1, 2])
def model(xb):
    return (xb @ weights + bias)
def accuracy(out, yb):
    preds = torch.argmax(out, dim=1)
    return (preds == yb).float().mean()
for epoch in range(50):
    loss = nll(softmax(model(xb)).log(), yb)
    loss.backward()
    with torch.no_grad():
        weights -= weights.grad * 0.5
        bias -= bias.grad * 0.5
        weights.grad.zero_()
        bias.grad.zero_()
print(loss, accuracy(model(xb), yb))
print(bias)
