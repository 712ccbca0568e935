import torch
torch.manual_seed(0)
data = torch.randn(6, 3) * torch.tensor([1., 10., 100.]) + torch.tensor([0., 5., -50.])
mean = data.mean(dim=0, keepdim=True)
std = data.std(dim=0, keepdim=True)
z = (data - mean) / std
print(mean, std)
print(z.mean(dim=0).abs() < 1e-6, z.std(dim=0))
lo, hi = data.min(dim=0).values, data.max(dim=0).values
print(((data - lo) / (hi - lo)).min(0).values, ((data - lo) / (hi - lo)).max(0).values)
onehot = torch.nn.functional.one_hot(torch.tensor([0, 2, 1]), num_classes=3)
print(onehot, onehot.float() @ torch.arange(3.))
