import torch
import torch.nn as nn
torch.manual_seed(0)
vocab = {'the': 0, 'cat': 1, 'sat': 2}
emb = nn.Embedding(len(vocab), 2)
ids = torch.tensor([vocab[w] for w in 'the cat sat the'.split()])
e = emb(ids)
print(e)
e.sum().backward()
print(emb.weight.grad)
