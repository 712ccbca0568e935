"""Writes the golden files of the native engine with PyTorch (2.13, CPU). Run: python3 tests/golden/native/generate.py

losses.json     every loss and its gradient
sgd.json        variants of SGD: the weights after each of 20 steps on a small problem
training.json   a 4-16-3 network trained for 50 steps in mini-batches in torch.randperm's order
"""

import json
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent


def number(value):
    """Nine digits tell every float32 apart."""
    return float(f"{value.item():.9g}")


def tensor(value):
    value = value.detach()
    return {"dims": list(value.shape), "data": [number(x) for x in value.flatten()]}


def write(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def losses():
    torch.manual_seed(2)
    cases = []
    for batch in (1, 3):
        for columns in (1, 5):
            output = (torch.randn(batch, columns) * 3).requires_grad_(True)
            values = torch.rand(batch, columns)
            classes = torch.randint(0, columns, (batch,))
            computed = {
                "mse": (F.mse_loss(output, values), values),
                "half-squared": (((output - values) ** 2).sum() / 2 / batch, values),
                "cross-entropy": (F.cross_entropy(output, classes), classes),
                "bce-logits": (F.binary_cross_entropy_with_logits(output, values), values),
            }
            for name, (loss, target) in computed.items():
                (gradient,) = torch.autograd.grad(loss, output)
                cases.append({"loss": name, "output": tensor(output), "target": tensor(target), "value": number(loss),
                              "gradient": tensor(gradient)})
    # Logits far out: nothing may overflow.
    output = torch.tensor([[1000.0, -1000.0, 0.0]]).requires_grad_(True)
    for name, loss, target in (
        ("cross-entropy", F.cross_entropy(output, torch.tensor([1])), torch.tensor([1])),
        ("bce-logits", F.binary_cross_entropy_with_logits(output, torch.tensor([[0.0, 1.0, 0.5]])), torch.tensor([[0.0, 1.0, 0.5]])),
    ):
        (gradient,) = torch.autograd.grad(loss, output)
        cases.append({"loss": name, "output": tensor(output), "target": tensor(target), "value": number(loss),
                      "gradient": tensor(gradient)})
    write("losses.json", cases)


def sgd():
    torch.manual_seed(3)
    x, y = torch.rand(10, 3), torch.rand(10, 2)
    start = torch.nn.Linear(3, 2)
    weight, bias = start.weight.detach().clone(), start.bias.detach().clone()
    variants = [
        {"lr": 0.1},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.05, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "momentum": 0.8, "dampening": 0.3},
        {"lr": 0.1, "weight_decay": 0.05},
        {"lr": 0.02, "momentum": 0.95, "nesterov": True, "weight_decay": 0.01},
    ]
    runs = []
    for settings in variants:
        layer = torch.nn.Linear(3, 2)
        with torch.no_grad():
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
        optimizer = torch.optim.SGD(layer.parameters(), **settings)
        steps = []
        for _ in range(20):
            optimizer.zero_grad()
            loss = F.mse_loss(layer(x), y)
            loss.backward()
            optimizer.step()
            steps.append({"loss": number(loss), "weight": tensor(layer.weight)["data"], "bias": tensor(layer.bias)["data"]})
        runs.append({"settings": settings, "steps": steps})
    write("sgd.json", {"x": tensor(x), "y": tensor(y), "weight": tensor(weight), "bias": tensor(bias), "runs": runs})


def training():
    torch.manual_seed(4)
    x = torch.randn(45, 4)
    labels = torch.randint(0, 3, (45,))
    network = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    names = {"0.weight": "w1", "0.bias": "b1", "2.weight": "w2", "2.bias": "b2"}
    initial = {names[k]: tensor(v) for k, v in network.state_dict().items()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    generator = torch.Generator().manual_seed(7)
    losses_seen, epochs = [], []
    while len(losses_seen) < 50:
        order = torch.randperm(45, generator=generator)
        total = correct = 0.0
        for rows in order.split(10):
            if len(losses_seen) == 50:
                break
            optimizer.zero_grad()
            logits = network(x[rows])
            loss = F.cross_entropy(logits, labels[rows])
            total += number(loss) * len(rows)
            correct += float((logits.argmax(1) == labels[rows]).sum())
            loss.backward()
            optimizer.step()
            losses_seen.append(number(loss))
        epochs.append({"loss": total / 45, "accuracy": correct / 45})
    final = {names[k]: tensor(v) for k, v in network.state_dict().items()}
    write("training.json", {"x": tensor(x), "labels": [int(v) for v in labels], "seed": 7, "batchSize": 10, "initial": initial,
                            "final": final, "losses": losses_seen, "epochs": epochs, "logits": tensor(network(x))})


losses()
sgd()
training()
