# %%
# The data of the project this notebook belongs to, as the file has them.
import deltalab
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset
import matplotlib.pyplot as plt

for name in deltalab.columns():
    values = deltalab.column(name)
    print(name, values.dtype, tuple(values.shape), 'first:', values.flatten()[:3].tolist())

# %%
# And as training sees them: chosen columns, prepared as the Data page says, split. Images become rows of pixels here.
x, d = deltalab.samples('training')
x_val, d_val = deltalab.samples('validation')
x, x_val = x.flatten(1), x_val.flatten(1)
print('inputs', x.shape, 'targets', d.shape, d.dtype)

# Two inputs as points in the colour of their class, or one input against the target.
classes = deltalab.classes() if d.dtype == torch.int64 else []
if classes and x.shape[1] > 1:
    for i, name in enumerate(classes):
        plt.scatter(x[d == i, -2], x[d == i, -1], label=name)
    plt.legend()
else:
    plt.scatter(x[:, 0], d.flatten())
plt.title('training samples')
plt.show()

# %%
# A small network for them, trained in batches.
torch.manual_seed(42)
outputs = len(classes) if classes else d.shape[1]
net = nn.Sequential(nn.Linear(x.shape[1], 16), nn.Tanh(), nn.Linear(16, outputs))
criterion = nn.CrossEntropyLoss() if classes else nn.MSELoss()
optimizer = optim.Adam(net.parameters(), lr=0.01)
loader = DataLoader(TensorDataset(x, d), batch_size=16, shuffle=True)
history = []
for epoch in range(30):
    for inputs, targets in loader:
        loss = criterion(net(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        history.append([criterion(net(x), d).item(), criterion(net(x_val), d_val).item()])
plt.plot(torch.tensor(history)[:, 0], label='training')
plt.plot(torch.tensor(history)[:, 1], '--', label='validation')
plt.xlabel('epoch')
plt.ylabel('loss')
plt.legend()
plt.show()

# %%
# How often each class was right in validation.
with torch.no_grad():
    answers = net(x_val)
for i, name in enumerate(classes):
    own = d_val == i
    if own.any():
        print(f'{name}: {(answers[own].argmax(dim=1) == i).float().mean().item():.0%}')
if not classes:
    print(f'mean error {(answers - d_val).abs().mean().item():.4f}')
