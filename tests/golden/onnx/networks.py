"""Makes networks/*.onnx: small networks as PyTorch's exporter writes them, with an open batch and with a batch of one.

    python3 tests/golden/onnx/networks.py

Made with PyTorch 2.13 (the exporter of torch.onnx.export(dynamo=False)), onnx 1.23.
"""

import warnings
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
folder = Path(__file__).parent / "networks"
folder.mkdir(exist_ok=True)
torch.manual_seed(0)


class Pictures(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 4, 5, padding=2)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 6, 3, stride=2)
        self.hidden = nn.Linear(6 * 2 * 2, 10)
        self.answer = nn.Linear(10, 3)
        self.drop = nn.Dropout(0.3)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.norm(self.first(x))), 2)
        x = torch.relu(self.second(x))
        x = x.view(x.size(0), -1)
        return self.answer(self.drop(torch.relu(self.hidden(x))))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, padding=1, groups=2)
        self.answer = nn.Linear(4, 3)

    def forward(self, x):
        y = torch.relu(self.norm(self.first(x)))
        z = functional.silu(self.second(y)) + y * 0.5
        return functional.log_softmax(self.answer(torch.flatten(functional.adaptive_avg_pool2d(z, 1), 1)), -1)


class Sequence(nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(3, 5, batch_first=True, bidirectional=True)
        self.answer = nn.Linear(10, 2)

    def forward(self, x):
        return self.answer(self.recurrent(x)[0][:, -1])


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 4)
        self.recurrent = nn.GRU(4, 5, batch_first=True)
        self.answer = nn.Linear(5, 3)

    def forward(self, x):
        return self.answer(self.recurrent(self.table(x))[1][0])


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.projection = nn.Linear(8, 24)
        self.steps = nn.Sequential(nn.Linear(8, 12), nn.Tanh(), nn.Linear(12, 8))
        self.answer = nn.Linear(8, 3)

    def forward(self, x):
        query, key, value = self.projection(self.norm(x)).chunk(3, -1)
        x = x + torch.softmax(query @ key.transpose(1, 2) / 8**0.5, -1) @ value
        return self.answer((x + self.steps(x)).mean(1))


for name, network, sample in (
    ("pictures", Pictures(), torch.randn(1, 1, 12, 12)),
    ("residual", Residual(), torch.randn(1, 3, 6, 6)),
    ("sequence", Sequence(), torch.randn(1, 6, 3)),
    ("words", Words(), torch.randint(0, 7, (1, 4))),
    ("attention", Attention(), torch.randn(1, 5, 8)),
):
    for kind, axes in (("open", {"x": {0: "batch"}, "y": {0: "batch"}}), ("fixed", {})):
        for opset in (11, 17):
            torch.onnx.export(network.eval(), (sample,), folder / f"{name}-{kind}-{opset}.onnx", dynamo=False,
                              opset_version=opset, input_names=["x"], output_names=["y"], dynamic_axes=axes)
