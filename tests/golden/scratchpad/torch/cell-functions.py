import torch
class Meter:
    def __init__(self):
        self.values = []
    def add(self, value):
        self.values.append(value.item() if isinstance(value, torch.Tensor) else value)
    @property
    def mean(self):
        return sum(self.values) / len(self.values)
meter = Meter()
for i in range(4):
    meter.add(torch.tensor(float(i)) ** 2)
print(meter.mean, meter.values)
shapes = {name: tuple(t.shape) for name, t in [('a', torch.ones(2, 3)), ('b', torch.ones(4))]}
print(shapes)
a, b = torch.tensor([1, 2])
print(a, b, a < b, (a + b).item())
h, w = torch.ones(3, 5).shape
print(h, w, h * w)
total = torch.zeros(1)
for x, y in zip(torch.arange(3), torch.arange(3, 6)):
    total += x * y
print(total)
print(torch.ones(2) if a > 1 else torch.zeros(2), not torch.tensor(False), a == 1 and b == 2)
assert torch.allclose(torch.ones(2), torch.tensor([1., 1.]))
