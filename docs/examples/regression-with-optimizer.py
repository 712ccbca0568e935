# %%
# The same line as in "Regression by hand", with a layer, a loss and an optimizer from the library.
import torch
from torch import nn, optim

torch.manual_seed(42)
x = torch.rand(100, 1)
y = 1 + 2 * x + 0.1 * torch.rand(100, 1)
order = (100 * torch.rand(100)).long()
x_train, y_train = x[order[:80]], y[order[:80]]
x_val, y_val = x[order[80:]], y[order[80:]]

# %%
class Line(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Parameter(torch.randn(1))
        self.b = nn.Parameter(torch.randn(1))

    def forward(self, x):
        return self.a + self.b * x

torch.manual_seed(42)
model = Line()
print(f'a = {model.a.item():.4f}, b = {model.b.item():.4f}')

# %%
loss_fn = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.1)
for epoch in range(1000):
    loss = loss_fn(model(x_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

print(f'a = {model.a.item():.4f}, b = {model.b.item():.4f}')
with torch.no_grad():
    print(f'training error {loss_fn(model(x_train), y_train).item():.4f}')
    print(f'validation error {loss_fn(model(x_val), y_val).item():.4f}')

# %%
# A layer does the same: its weight is b, its bias is a.
linear = nn.Linear(1, 1)
optimizer = optim.SGD(linear.parameters(), lr=0.1)
for epoch in range(1000):
    loss = loss_fn(linear(x_train), y_train)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f'a = {linear.bias.item():.4f}, b = {linear.weight.item():.4f}')
