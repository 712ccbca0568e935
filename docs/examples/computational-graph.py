# %%
# The expression a = (b + c) · (c + 2), cut into pieces that need only their inputs.
import torch

b = torch.tensor(3., requires_grad=True)
c = torch.tensor(1., requires_grad=True)
d = b + c
e = c + 2
a = d * e
a

# %%
# d and e do not need each other: they could be computed at the same time.
for name, value in (('d', d), ('e', e), ('a', a)):
    print(f'{name} = {value.item():4.1f}   made by {type(value.grad_fn).__name__}')

# %%
# Backwards along the same pieces: da/db = e, da/dc = e + d.
a.backward()
print(b.grad, c.grad)

# %%
# A leaf that asks for no gradient has no branch in the backward graph.
b.grad, c.grad = None, None
b.requires_grad_(False)
a = (b + c) * (c + 2)
a.backward()
print(b.grad, c.grad)
