# %%
# A tensor is an array of numbers with any number of dimensions.
import torch

scalar = torch.tensor(3.14159)
vector = torch.tensor([1, 2, 3])
matrix = torch.ones(2, 3)
cube = torch.zeros(2, 3, 4)
print(scalar, scalar.shape)
print(vector, vector.shape)
print(matrix, matrix.shape)
print(cube.shape, cube.numel())

# %%
# A matrix product, then a number that is spread over all of it: a 3 × 3 of 7.
3 + torch.mm(2 * torch.ones(3, 2), torch.ones(2, 3))

# %%
# Shapes that do not fit are spread (broadcast) along dimensions of size 1.
column = torch.arange(3).view(3, 1)
row = torch.arange(4)
10 * column + row

# %%
# Indexing: rows, columns, slices, masks.
table = torch.arange(12.).view(3, 4)
print(table[1])
print(table[:, -1])
print(table[:2, ::2])
print(table[table > 6])

# %%
# A view shares its memory with the tensor it looks at.
flat = matrix.view(6)
flat[0] = 5
matrix
