import torch
import torch.optim as optim
torch.manual_seed(0)
start = torch.randn(3)
target = torch.tensor([1., -2., 0.5])
makers = [
    lambda p: optim.SGD(p, lr=0.1),
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda p: optim.Adam(p, lr=0.1),
    lambda p: optim.Adam(p, lr=0.1, betas=(0.8, 0.9), weight_decay=0.1, amsgrad=True),
    lambda p: optim.AdamW(p, lr=0.1, weight_decay=0.1),
    lambda p: optim.RMSprop(p, lr=0.05),
    lambda p: optim.RMSprop(p, lr=0.05, momentum=0.5, centered=True),
    lambda p: optim.Adagrad(p, lr=0.5),
]
for make in makers:
    w = start.clone().requires_grad_(True)
    optimizer = make([w])
    for step in range(25):
        optimizer.zero_grad()
        loss = ((w - target) ** 2 * torch.tensor([1., 2., 3.])).sum()
        loss.backward()
        optimizer.step()
    print(w, loss)
print(optim.SGD([start], lr=0.1).param_groups[0]['lr'])
