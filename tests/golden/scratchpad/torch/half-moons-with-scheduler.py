import torch
from torch import nn
torch.manual_seed(3)
X = torch.randn(40, 2)
y = (X[:, 0] * X[:, 1] > 0).long()
model = nn.Sequential(nn.Linear(2, 12), nn.ReLU(), nn.Linear(12, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=0.05, weight_decay=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.5)
loss_fn = nn.CrossEntropyLoss()
history = []
for epoch in range(60):
    optimizer.zero_grad()
    loss = loss_fn(model(X), y)
    loss.backward()
    optimizer.step()
    scheduler.step()
    history.append(loss.item())
print([f'{h:.3f}' for h in history[::20]], scheduler.get_last_lr())
with torch.no_grad():
    probabilities = torch.softmax(model(X), dim=1)
    predicted = probabilities.argmax(1)
print((predicted == y).sum().item(), 'of', len(y))
confusion = torch.zeros(2, 2, dtype=torch.int64)
for t, p in zip(y, predicted):
    confusion[t, p] += 1
print(confusion.sum(), confusion.diag().sum() == (predicted == y).sum())
