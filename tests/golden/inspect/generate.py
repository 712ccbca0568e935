"""Writes networks.json: three small networks, one sample each, and what PyTorch says at every stage of backpropagation.

Run with PyTorch 2.13: python tests/golden/inspect/generate.py
Names are those of the graph that shared/network/compile.ts makes of the documents in networks.ts.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.backends.nnpack.set_flags(False)

RATE = 0.5


def tensor(value):
    return {"dims": list(value.shape), "data": [float(x) for x in value.detach().reshape(-1)]}


def record(name, loss_name, x, target, weights, forward, loss_of):
    """`forward` returns the answer and every named value on the way; all of them keep their gradients."""
    for value in weights.values():
        value.requires_grad_(True)
    x = x.clone().requires_grad_(True)
    values = {"input": x}
    output = forward(x, weights, values)
    values["output"] = output
    for value in values.values():
        value.retain_grad()
    loss = loss_of(output, target)
    loss.backward()

    # The same in double, for the numerical gradients.
    doubles = {key: value.detach().double() for key, value in weights.items()}

    def loss_at(key, index, step):
        moved = {k: v.clone() for k, v in doubles.items()}
        moved[key].view(-1)[index] += step
        goal = target if target.dtype == torch.int64 else target.double()
        return float(loss_of(forward(x.detach().double(), moved, {}), goal))

    numeric = {}
    for key, value in weights.items():
        numbers = []
        for index in range(value.numel()):
            numbers.append((loss_at(key, index, 1e-5) - loss_at(key, index, -1e-5)) / 2e-5)
        numeric[key] = {"dims": list(value.shape), "data": numbers}
    return {
        "name": name,
        "loss": loss_name,
        "rate": RATE,
        "input": tensor(x),
        "target": {"dims": list(target.shape), "data": [float(t) for t in target.reshape(-1)]},
        "weights": {key: tensor(value) for key, value in weights.items()},
        "error": float(loss.detach()),
        "values": {key: tensor(value) for key, value in values.items()},
        "valueGradients": {key: tensor(value.grad) for key, value in values.items()},
        "weightGradients": {key: tensor(value.grad) for key, value in weights.items()},
        "newWeights": {key: tensor(value - RATE * value.grad) for key, value in weights.items()},
        "numeric": numeric,
    }


def half_squared(y, d):
    return 0.5 * ((y - d) ** 2).sum() / y.shape[0]


def xor():
    weights = {
        "linear.weight": torch.randn(2, 2),
        "linear.bias": torch.randn(2),
        "linear-2.weight": torch.randn(1, 2),
        "linear-2.bias": torch.randn(1),
    }

    def forward(x, w, values):
        values["linear.value"] = F.linear(x, w["linear.weight"], w["linear.bias"])
        values["sigmoid.value"] = torch.sigmoid(values["linear.value"])
        values["linear-2.value"] = F.linear(values["sigmoid.value"], w["linear-2.weight"], w["linear-2.bias"])
        return torch.sigmoid(values["linear-2.value"])

    return record("xor", "half-squared", torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0]]), weights, forward, half_squared)


def cnn():
    weights = {
        "conv2d.weight": torch.randn(3, 2, 3, 3) * 0.4,
        "conv2d.bias": torch.randn(3) * 0.1,
        "linear.weight": torch.randn(4, 27) * 0.3,
        "linear.bias": torch.randn(4),
    }

    def forward(x, w, values):
        values["conv2d.value"] = F.conv2d(x, w["conv2d.weight"], w["conv2d.bias"], padding=1)
        values["relu.value"] = torch.relu(values["conv2d.value"])
        values["max-pool.value"] = F.max_pool2d(values["relu.value"], 2)
        values["flatten.value"] = values["max-pool.value"].flatten(1)
        return F.linear(values["flatten.value"], w["linear.weight"], w["linear.bias"])

    return record("cnn", "cross-entropy", torch.randn(1, 2, 6, 6), torch.tensor([2]), weights, forward, F.cross_entropy)


def skip():
    weights = {
        "linear.weight": torch.randn(4, 4) * 0.6,
        "linear.bias": torch.randn(4) * 0.2,
        "linear-2.weight": torch.randn(2, 4) * 0.6,
        "linear-2.bias": torch.randn(2) * 0.2,
    }

    def forward(x, w, values):
        values["linear.value"] = F.linear(x, w["linear.weight"], w["linear.bias"])
        values["tanh.value"] = torch.tanh(values["linear.value"])
        values["add.value"] = values["tanh.value"] + x
        return F.linear(values["add.value"], w["linear-2.weight"], w["linear-2.bias"])

    return record("skip", "mse", torch.randn(1, 4), torch.randn(1, 2), weights, forward, F.mse_loss)


torch.manual_seed(7)
goldens = [xor(), cnn(), skip()]
(Path(__file__).parent / "networks.json").write_text(json.dumps(goldens, indent=1) + "\n")
