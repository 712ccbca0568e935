"""Layers of the catalogue as PyTorch draws and computes them. Run with PyTorch 2.13 (CPU): python3 generate_layers.py > layers.json

Each entry: torch.manual_seed(seed), then the module is made (which draws its weights), then its answer to the input, in evaluation
mode. Parameters are those of Deltalab's layer, so that the same seed has to give the same numbers.
"""

import json

import torch
from torch import nn


class LastState(nn.Module):
    """A recurrent module that gives the last state of each direction side by side."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        _, state = self.module(x)
        state = state[0] if isinstance(state, tuple) else state
        return state.transpose(0, 1).flatten(1)


class Sequence(LastState):
    def forward(self, x):
        return self.module(x)[0]


class Attention(nn.Module):
    def __init__(self, width, heads, causal=False, bias=True):
        super().__init__()
        self.module = nn.MultiheadAttention(width, heads, bias=bias, batch_first=True)
        self.causal = causal

    def forward(self, x):
        steps = x.shape[1]
        mask = torch.triu(torch.ones(steps, steps, dtype=torch.bool), 1) if self.causal else None
        return self.module(x, x, x, attn_mask=mask, need_weights=False)[0]


class Embedding(nn.Embedding):
    def forward(self, x):
        return super().forward(x.long())


class Same(nn.Module):
    """Padding as ONNX's SAME_UPPER has it where the stride is not 1, which PyTorch refuses."""

    def __init__(self, module, before, after):
        super().__init__()
        self.module = module
        self.pads = [before, after, before, after]

    def forward(self, x):
        return self.module(nn.functional.pad(x, self.pads))


layers = [
    ("linear", {"units": 3}, lambda: nn.Linear(5, 3), [5]),
    ("linear-steps", {"units": 3}, lambda: nn.Linear(5, 3), [4, 5]),
    ("conv2d", {"filters": 4, "kernel": [3], "padding": "same"}, lambda: nn.Conv2d(2, 4, 3, padding=1), [2, 6, 5]),
    ("conv2d", {"filters": 4, "kernel": [3, 2], "padding": "valid", "stride": [2, 1], "bias": False},
     lambda: nn.Conv2d(2, 4, (3, 2), stride=(2, 1), bias=False), [2, 7, 5]),
    ("conv2d", {"filters": 6, "kernel": [3], "padding": "explicit", "pads": [2], "dilation": [2], "grouping": "groups", "groups": 2},
     lambda: nn.Conv2d(4, 6, 3, padding=2, dilation=2, groups=2), [4, 6, 6]),
    ("conv2d", {"filters": 6, "kernel": [3], "grouping": "depthwise"}, lambda: nn.Conv2d(3, 6, 3, padding=1, groups=3), [3, 5, 5]),
    ("conv2d", {"filters": 2, "kernel": [3], "stride": [2], "padding": "same"},
     lambda: Same(nn.Conv2d(1, 2, 3, stride=2), 0, 1), [1, 6, 6]),
    ("conv1d", {"filters": 3, "kernel": [5], "padding": "valid"}, lambda: nn.Conv1d(2, 3, 5), [2, 9]),
    ("conv-transpose2d", {"filters": 3}, lambda: nn.ConvTranspose2d(2, 3, 2, stride=2), [2, 3, 4]),
    ("conv-transpose2d", {"filters": 4, "kernel": [3], "stride": [2], "padding": "explicit", "pads": [1], "outputPadding": [1],
                          "grouping": "groups", "groups": 2},
     lambda: nn.ConvTranspose2d(4, 4, 3, stride=2, padding=1, output_padding=1, groups=2), [4, 3, 3]),
    ("conv-transpose1d", {"filters": 3, "kernel": [4], "stride": [2]}, lambda: nn.ConvTranspose1d(2, 3, 4, stride=2), [2, 5]),
    ("max-pool", {"kernel": [3], "stride": [2], "padding": "explicit", "pads": [1]},
     lambda: nn.MaxPool2d(3, stride=2, padding=1), [2, 5, 6]),
    ("max-pool", {"kernel": [3], "stride": [2], "ceil": True}, lambda: nn.MaxPool2d(3, stride=2, ceil_mode=True), [2, 6, 6]),
    ("average-pool", {"kernel": [3], "stride": [2], "padding": "explicit", "pads": [1]},
     lambda: nn.AvgPool2d(3, stride=2, padding=1), [2, 5, 6]),
    ("global-average-pool", {}, lambda: nn.AdaptiveAvgPool2d(1), [3, 4, 5]),
    ("batch-norm", {"epsilon": 0.1}, lambda: nn.BatchNorm2d(3, eps=0.1), [3, 2, 2]),
    ("layer-norm", {"dimensions": 2}, lambda: nn.LayerNorm([4, 5]), [4, 5]),
    ("group-norm", {"groups": 2}, lambda: nn.GroupNorm(2, 4), [4, 3, 3]),
    ("instance-norm", {}, lambda: nn.InstanceNorm2d(3, affine=True), [3, 4, 4]),
    ("dropout", {"ratio": 0.3}, lambda: nn.Dropout(0.3), [6]),
    ("prelu", {}, lambda: nn.PReLU(), [6]),
    ("prelu", {"slopes": "channels"}, lambda: nn.PReLU(3, init=0.25), [3, 2, 2]),
    ("selu", {}, lambda: nn.SELU(), [8]),
    ("gelu", {}, lambda: nn.GELU(), [8]),
    ("gelu", {"approximate": "tanh"}, lambda: nn.GELU(approximate="tanh"), [8]),
    ("mish", {}, lambda: nn.Mish(), [8]),
    ("hard-swish", {}, lambda: nn.Hardswish(), [8]),
    ("softsign", {}, lambda: nn.Softsign(), [8]),
    ("log-softmax", {}, lambda: nn.LogSoftmax(-1), [8]),
    ("embedding", {"vocabulary": 5, "width": 3}, lambda: Embedding(5, 3), [4]),
    ("embedding", {"vocabulary": 7, "width": 4}, lambda: Embedding(7, 4), [3]),
    ("rnn", {"hidden": 4}, lambda: LastState(nn.RNN(3, 4, batch_first=True)), [5, 3]),
    ("lstm", {"hidden": 4}, lambda: LastState(nn.LSTM(3, 4, batch_first=True)), [5, 3]),
    ("lstm", {"hidden": 3, "direction": "bidirectional", "result": "sequence"},
     lambda: Sequence(nn.LSTM(2, 3, batch_first=True, bidirectional=True)), [4, 2]),
    ("gru", {"hidden": 4, "bias": False}, lambda: LastState(nn.GRU(3, 4, bias=False, batch_first=True)), [5, 3]),
    ("gru", {"hidden": 3, "direction": "bidirectional"},
     lambda: LastState(nn.GRU(2, 3, batch_first=True, bidirectional=True)), [4, 2]),
    ("attention", {"heads": 2}, lambda: Attention(4, 2), [5, 4]),
    ("attention", {"heads": 3, "causal": True, "bias": False}, lambda: Attention(6, 3, True, False), [4, 6]),
]


def orthogonal(seed, rows, columns, gain):
    torch.manual_seed(seed)
    weight = torch.empty(rows, columns)
    nn.init.orthogonal_(weight, gain)
    return {"seed": seed, "rows": rows, "columns": columns, "gain": gain, "weight": values(weight)}


def values(tensor):
    return [float(value) for value in tensor.detach().flatten()]


def entry(index, kind, parameters, make, shape):
    inputs = torch.Generator().manual_seed(100 + index)
    x = torch.randn(3, *shape, generator=inputs)
    if kind == "embedding":
        x = torch.randint(0, parameters["vocabulary"], (3, *shape), generator=inputs).float()
    torch.manual_seed(index)
    module = make().eval()
    y = module(x)
    return {"kind": kind, "parameters": parameters, "seed": index, "shape": shape,
            "input": values(x), "output": {"dims": list(y.shape), "values": values(y)}}


print(json.dumps({
    "torch": torch.__version__,
    "layers": [entry(index, *layer) for index, layer in enumerate(layers)],
    "orthogonal": [orthogonal(1, 5, 5, 1), orthogonal(2, 3, 7, 1.5), orthogonal(3, 20, 6, 1)],
}))
