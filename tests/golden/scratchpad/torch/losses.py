import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(2)
x = torch.randn(4, 3, requires_grad=True)
t = torch.randn(4, 3)
c = torch.tensor([0, 2, 1, 1])
print(nn.MSELoss()(x, t), nn.MSELoss(reduction='sum')(x, t), F.mse_loss(x, t, reduction='none'))
print(nn.L1Loss()(x, t), nn.SmoothL1Loss()(x, t), nn.HuberLoss(delta=0.5)(x, t))
print(nn.CrossEntropyLoss()(x, c), nn.CrossEntropyLoss(reduction='none')(x, c), F.cross_entropy(x, c, label_smoothing=0.1))
print(nn.CrossEntropyLoss(weight=torch.tensor([1., 2., 3.]))(x, c), F.nll_loss(F.log_softmax(x, dim=1), c))
p = torch.sigmoid(x)
b = (t > 0).float()
print(nn.BCELoss()(p, b), nn.BCEWithLogitsLoss()(x, b), F.binary_cross_entropy_with_logits(x, b, pos_weight=torch.tensor([2.0])))
print(F.kl_div(F.log_softmax(x, 1), F.softmax(t, 1), reduction='batchmean'))
loss = nn.CrossEntropyLoss()(x, c)
loss.backward()
print(x.grad)
print(nn.CrossEntropyLoss(), nn.MSELoss(), nn.BCEWithLogitsLoss())
