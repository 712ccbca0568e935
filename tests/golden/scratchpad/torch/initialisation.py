import torch
import torch.nn as nn
torch.manual_seed(0)
w = torch.empty(3, 4)
print(nn.init.xavier_uniform_(w))
print(nn.init.xavier_normal_(w))
print(nn.init.kaiming_uniform_(w, nonlinearity='relu'))
print(nn.init.kaiming_normal_(w, mode='fan_out', nonlinearity='relu'))
print(nn.init.uniform_(w, -1, 1), nn.init.normal_(w, 0, 0.01), nn.init.ones_(w), nn.init.eye_(w))
print(nn.init.calculate_gain('tanh'), nn.init.calculate_gain('relu'))
lin = nn.Linear(2, 3)
nn.init.normal_(lin.weight, std=0.1)
nn.init.constant_(lin.bias, 0.1)
print(lin.weight, lin.bias)
