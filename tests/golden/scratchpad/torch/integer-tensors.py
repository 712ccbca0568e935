import torch
a = torch.tensor([[1, 2], [3, 4]])
print(a @ a, a * a, a + 1, a - a.t(), a.sum(dim=0), a.prod(), a.float() / a)
print(a.max(), a.max(dim=1).indices, a.cumsum(1), a.abs(), a.sign(), a.clamp(2, 3))
print(a.unique(), a.flatten().sort(descending=True).values, torch.tensor(5) % 3, -a // 2)
b = a.clone()
b[0] = 9
b[b > 5] = 0
print(a, b, (a == b).sum(), torch.arange(5, 0, -1), torch.arange(0.5, 2.0, 0.5))
print(torch.tensor([255, 1], dtype=torch.uint8) + 1, torch.tensor([1.9, -1.9]).int(), torch.zeros(2, dtype=torch.long))
print(torch.bincount(torch.tensor([1, 1, 3])), torch.eye(2, dtype=torch.int64), a.repeat(1, 2), a.tolist())
