import torch
import torch.nn.functional as F
import math
torch.manual_seed(0)
q, k, v = torch.randn(2, 4, 8), torch.randn(2, 4, 8), torch.randn(2, 4, 8)
scores = q @ k.transpose(-2, -1) / math.sqrt(q.size(-1))
mask = torch.tril(torch.ones(4, 4)) == 0
scores = scores.masked_fill(mask, float('-inf'))
weights = F.softmax(scores, dim=-1)
print(weights[0])
out = weights @ v
print(out.shape, torch.allclose(out, F.scaled_dot_product_attention(q, k, v, attn_mask=~mask), atol=1e-6))
