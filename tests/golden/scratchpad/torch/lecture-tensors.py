import torch
print(3 + torch.mm(2 * torch.ones(3, 2), torch.ones(2, 3)))
scalar = torch.tensor(3.14159)
vector = torch.tensor([1, 2, 3])
matrix = torch.ones((2, 3), dtype=torch.float)
tensor = torch.randn((2, 3, 4), dtype=torch.float)
print(scalar)
print(vector)
print(matrix)
print(tensor.size(), scalar.shape)
same_matrix = matrix.view(1, 6)
same_matrix[0, 1] = 2.
print(matrix)
print(same_matrix)
different_matrix = matrix.view(1, 6).clone().detach()
different_matrix[0, 1] = 3.
print(matrix)
print(different_matrix)
print(torch.zeros(2, 2) + torch.arange(2), torch.eye(3), torch.full((2, 3), 7))
