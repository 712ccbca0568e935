"""Initial weights of networks as PyTorch draws them. Run with PyTorch 2.13 (CPU): python3 generate.py > initial-weights.json

float32 values are written as their exact double value, so that the test can compare bits where the generator promises them.
"""

import json

import torch
from torch import nn


def values(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def ends(tensor):
    """Enough of a large weight to notice a wrong draw: first and last values, and the sum in double."""
    flat = tensor.detach().flatten()
    return {"first": values(flat[:20]), "last": values(flat[-20:]), "sum": float(flat.double().sum())}


def default_mlp(seed, sizes):
    torch.manual_seed(seed)
    layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
    return {
        "seed": seed,
        "sizes": sizes,
        "layers": [{"weight": ends(layer.weight), "bias": ends(layer.bias)} for layer in layers],
    }


def drawn(name, seed, inputs, units):
    torch.manual_seed(seed)
    weight = torch.empty(units, inputs)
    {
        "normal": lambda: nn.init.normal_(weight),
        "xavier-uniform": lambda: nn.init.xavier_uniform_(weight),
        "xavier-normal": lambda: nn.init.xavier_normal_(weight),
        "kaiming-uniform": lambda: nn.init.kaiming_uniform_(weight, nonlinearity="relu"),
        "kaiming-normal": lambda: nn.init.kaiming_normal_(weight, nonlinearity="relu"),
    }[name]()
    return {"initialiser": name, "seed": seed, "inputs": inputs, "units": units, "weight": values(weight)}


def lecture(seed):
    torch.manual_seed(seed)
    a = torch.randn(1)
    b = torch.randn(1)
    return {"seed": seed, "a": values(a), "b": values(b)}


names = ["normal", "xavier-uniform", "xavier-normal", "kaiming-uniform", "kaiming-normal"]
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "mlps": [
                default_mlp(42, [4, 16, 3]),
                default_mlp(0, [1, 1]),
                default_mlp(7, [2, 32, 32, 2]),
                default_mlp(1, [784, 128, 10]),
            ],
            "initialisers": [drawn(name, seed, inputs, units) for name in names for seed, inputs, units in [(3, 5, 7), (42, 2, 3)]],
            "lecture": lecture(42),
        },
        indent=1,
    )
)
