import torch
from torch.utils.data import TensorDataset, DataLoader, Dataset, random_split
torch.manual_seed(42)
x = torch.arange(10.).unsqueeze(1)
y = x * 2
dataset = TensorDataset(x, y)
print(len(dataset), dataset[3])
for xb, yb in DataLoader(dataset, batch_size=4):
    print(xb.squeeze(), yb.squeeze())
loader = DataLoader(dataset, batch_size=3, shuffle=True, drop_last=True)
print(len(loader))
for epoch in range(2):
    for xb, yb in loader:
        print(xb.view(-1))
train, val = random_split(dataset, [7, 3])
print(len(train), len(val), [int(a.item()) for a, b in val])

class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        return torch.tensor([i, i * i]), i % 2

for batch, label in DataLoader(Squares(5), batch_size=2):
    print(batch, label)
