"""Networks whose layers share weights, as PyTorch draws, differentiates and trains them. Run with PyTorch 2.13 (CPU):
python3 generate_tied.py > tied.json

Each entry: torch.manual_seed(seed), then the modules are made in the order of the layers and tied. `gradients` are those of the mean
squared error before training, in double precision; `final` are the weights after `steps` of Adam on the whole batch.
"""

import json

import torch
from torch import nn


class Embedding(nn.Embedding):
    def forward(self, x):
        return super().forward(x.long())


def language_model():
    """Every step of a sequence gets a value per word; the output layer is the table of words, turned."""
    model = nn.Sequential(Embedding(7, 4), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 7))
    model[3].weight = model[0].weight
    return model, torch.randint(0, 7, (6, 3)).double()


def next_word():
    """A row a sample: the output layer has the rows of the table as they are."""
    model = nn.Sequential(Embedding(7, 4), nn.Flatten(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 7))
    model[4].weight = model[0].weight
    return model, torch.randint(0, 7, (6, 1)).double()


def twice():
    """One layer used twice in a row."""
    model = nn.Sequential(nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 5), nn.Tanh(), nn.Linear(5, 2))
    model[2].weight, model[2].bias = model[0].weight, model[0].bias
    return model, torch.randn(6, 5).double()


def entry(name, make, steps=20, rate=0.01):
    seed = 5
    torch.manual_seed(seed)
    model, x = make()
    initial = {key: value.detach().clone() for key, value in model.named_parameters()}
    model = model.double()
    target = torch.sin(torch.arange(model(x).numel()).double()).reshape(model(x).shape).float().double()
    loss = nn.functional.mse_loss(model(x), target)
    parameters = dict(model.named_parameters())
    gradients = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values()))))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), target).backward()
        optimizer.step()
    values = lambda tensors: {key: [float(f"{v:.9g}") for v in value.detach().flatten().tolist()] for key, value in tensors.items()}
    return {"name": name, "seed": seed, "steps": steps, "rate": rate, "rows": len(x), "inputs": x.float().flatten().tolist(),
            "targets": target.flatten().tolist(), "initial": values(initial), "gradients": values(gradients), "final": values(parameters)}


print(json.dumps([entry("language-model", language_model), entry("next-word", next_word), entry("twice", twice)]))
