"""Writes the golden files of the native engine with PyTorch (2.13, CPU). Run: python3 tests/golden/native/generate.py

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


training()
