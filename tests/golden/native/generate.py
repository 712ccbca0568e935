"""Writes the golden files of the native engine with PyTorch (2.13, CPU). Run: python3 tests/golden/native/generate.py

operators.json  output and gradients (of mse against a random target) of every operator, at odd shapes
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


def operator_case(name, op_type, inputs, compute, attributes=None, constants=None):
    """All inputs are leaves with a gradient; `constants` are int64 inputs that follow them."""
    leaves = [x.clone().requires_grad_(True) for x in inputs]
    output = compute(*leaves)
    target = torch.rand_like(output)
    loss = F.mse_loss(output, target)
    loss.backward()
    return {
        "name": name,
        "opType": op_type,
        "attributes": attributes or {},
        "inputs": [tensor(x) for x in leaves],
        "constants": constants or [],
        "output": tensor(output),
        "target": tensor(target),
        "loss": number(loss),
        "gradients": [tensor(x.grad) for x in leaves],
    }


def operators():
    torch.manual_seed(1)
    cases = []
    for batch in (1, 3):
        tag = f"batch {batch}"
        unary = {
            "Relu": F.relu,
            "LeakyRelu": lambda x: F.leaky_relu(x, 0.01),
            "Elu": F.elu,
            "Sigmoid": torch.sigmoid,
            "Tanh": torch.tanh,
            "Softplus": F.softplus,
            "Softmax": lambda x: torch.softmax(x, -1),
            "Identity": lambda x: x * 1,
        }
        for op, compute in unary.items():
            cases.append(operator_case(f"{op}, {tag}", op, [torch.randn(batch, 7) * 3], compute))
        cases.append(operator_case(f"LeakyRelu 0.2, {tag}", "LeakyRelu", [torch.randn(batch, 5)],
                                   lambda x: F.leaky_relu(x, 0.2), {"alpha": 0.2}))
        cases.append(operator_case(f"LeakyRelu -0.5, {tag}", "LeakyRelu", [torch.randn(batch, 5)],
                                   lambda x: F.leaky_relu(x, -0.5), {"alpha": -0.5}))
        cases.append(operator_case(f"Elu 0.7, {tag}", "Elu", [torch.randn(batch, 5)], lambda x: F.elu(x, 0.7), {"alpha": 0.7}))
        cases.append(operator_case(f"Softmax axis 1, {tag}", "Softmax", [torch.randn(batch, 3, 5)],
                                   lambda x: torch.softmax(x, 1), {"axis": 1}))
        cases.append(operator_case(f"Flatten, {tag}", "Flatten", [torch.randn(batch, 3, 2)], lambda x: x.flatten(1)))
        cases.append(operator_case(f"Reshape, {tag}", "Reshape", [torch.randn(batch, 6)], lambda x: x.reshape(batch, 2, 3),
                                   constants=[[0, 2, -1]]))
        binary = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div}
        for op, compute in binary.items():
            for a, b in (((batch, 5), (batch, 5)), ((batch, 5), (5,)), ((batch, 1, 5), (3, 1)), ((5,), (batch, 5))):
                right = torch.rand(b) + 0.5
                cases.append(operator_case(f"{op} {list(a)} {list(b)}", op, [torch.randn(a), right], compute))
        for trans_a in (0, 1):
            for trans_b in (0, 1):
                a = torch.randn((5, batch) if trans_a else (batch, 5))
                b = torch.randn((7, 5) if trans_b else (5, 7))
                for c, beta in (((7,), 1.0), ((batch, 1), 0.5), (None, 1.0)):
                    alpha = 1.0 if beta == 1.0 else 1.7

                    def compute(x, y, z=None, ta=trans_a, tb=trans_b, alpha=alpha, beta=beta):
                        product = alpha * ((x.T if ta else x) @ (y.T if tb else y))
                        return product if z is None else product + beta * z

                    inputs = [a, b] if c is None else [a, b, torch.randn(c)]
                    cases.append(operator_case(
                        f"Gemm transA {trans_a} transB {trans_b} C {c}, {tag}", "Gemm", inputs, compute,
                        {"transA": trans_a, "transB": trans_b, "alpha": alpha, "beta": beta}))
    write("operators.json", cases)


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


operators()
losses()
sgd()
training()
