"""Writes networks/<name>.json with PyTorch (2.13, CPU): five whole networks trained for 50 steps.
Run: python3 tests/golden/native/networks.py

Each file holds the network as an ONNX graph with its initial weights, the data, the settings, the loss of every step and the weights
(running statistics included) after the last. PyTorch runs in double precision, so that only the engine's rounding is measured.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
STEPS = 50


def number(value):
    """Nine digits tell every float32 apart."""
    return float(f"{float(value):.9g}")


def tensor(value):
    return {"dims": list(value.shape), "data": [number(x) for x in value.detach().flatten()]}


class Network:
    """Collects an ONNX graph and the PyTorch parameters beside it."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.nodes, self.constants, self.weights, self.running = [], {}, {}, {}

    def draw(self, dims, scale):
        # float32 values, so that both sides start from the same ones.
        return ((torch.rand(dims, generator=self.generator) * 2 - 1) * scale).double()

    def weight(self, name, dims, scale=None, value=None):
        fan = math.prod(dims[1:]) if len(dims) > 1 else dims[0]
        value = self.draw(dims, scale or 1 / math.sqrt(fan)) if value is None else value.double()
        self.weights[name] = value.requires_grad_(True)
        return name

    def integers(self, name, values):
        self.constants[name] = {"dims": [len(values)], "data": {"integers": values}}
        return name

    def node(self, name, op_type, inputs, attributes=None, outputs=None):
        self.nodes.append({"name": name, "opType": op_type, "inputs": inputs, "outputs": outputs or [f"{name}.out"],
                           "attributes": attributes or {}})
        return f"{name}.out"

    def graph(self, dims, output, output_dims):
        self.nodes[-1]["outputs"] = [output]
        values = {**self.weights, **self.running}
        initializers = [{"name": name, **tensor(value)} for name, value in values.items()]
        initializers += [{"name": name, **value} for name, value in self.constants.items()]
        return {"name": "network", "nodes": self.nodes, "initializers": initializers,
                "inputs": [{"name": "input", "dims": [-1, *dims]}], "outputs": [{"name": output, "dims": [-1, *output_dims]}]}


def train(name, network, forward, x, target, loss, batch, optimizer, settings):
    # On copies: the forward pass of a normalisation changes its running statistics.
    shape = forward(x[:2], {key: value.clone() for key, value in network.running.items()}).shape
    graph = network.graph(list(x.shape[1:]), "output", list(shape[1:]))
    compute = {"cross-entropy": F.cross_entropy, "mse": F.mse_loss,
               "half-squared": lambda y, d: ((y - d) ** 2).sum() / 2 / len(y)}[loss]
    engine = optimizer(list(network.weights.values()))
    losses = []
    while len(losses) < STEPS:
        for start in range(0, len(x), batch):
            if len(losses) == STEPS:
                break
            engine.zero_grad()
            value = compute(forward(x[start:start + batch], network.running), target[start:start + batch])
            value.backward()
            engine.step()
            losses.append(number(value.detach()))
    final = {key: tensor(value) for key, value in {**network.weights, **network.running}.items()}
    content = {"graph": graph, "inputs": tensor(x), "targets": tensor(target), "loss": loss, "batchSize": batch,
               "optimizer": settings, "losses": losses, "final": final}
    folder = HERE / "networks"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(name, losses[0], losses[-1])


def perceptron():
    n = Network(1)
    value = "input"
    sizes = [4, 24, 16, 2]
    for i, (k, m) in enumerate(zip(sizes, sizes[1:])):
        n.weight(f"w{i}", [m, k])
        n.weight(f"b{i}", [m], 0.3)
        value = n.node(f"linear{i}", "Gemm", [value, f"w{i}", f"b{i}"], {"transB": 1})
        if i < 2:
            value = n.node(f"act{i}", ["Tanh", "Sigmoid"][i], [value])
    w = n.weights

    def forward(x, _):
        x = torch.tanh(x @ w["w0"].T + w["b0"])
        x = torch.sigmoid(x @ w["w1"].T + w["b1"])
        return x @ w["w2"].T + w["b2"]

    x = n.draw([37, 4], 1)
    target = torch.stack([torch.sin(x.sum(1)), x[:, 0] * x[:, 1]], 1).float().double()
    train("perceptron", n, forward, x, target, "half-squared", 8,
          lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.001),
          {"name": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": True, "weightDecay": 0.001})


def convolutional():
    # No bias before a normalisation: its gradient is 0 but for rounding, which Adam would follow.
    n = Network(2)
    n.weight("conv1.w", [6, 2, 3, 3])
    n.weight("norm.scale", [6], value=torch.ones(6))
    n.weight("norm.bias", [6], value=torch.zeros(6))
    n.running = {"norm.mean": torch.zeros(6).double(), "norm.var": torch.ones(6).double()}
    n.weight("conv2.w", [8, 3, 3, 3])
    n.weight("conv2.b", [8], 0.2)
    n.weight("dense.w", [3, 8])
    n.weight("dense.b", [3], 0.2)
    v = n.node("conv1", "Conv", ["input", "conv1.w"], {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]})
    v = n.node("norm", "BatchNormalization", [v, "norm.scale", "norm.bias", "norm.mean", "norm.var"], {"epsilon": 1e-5, "momentum": 0.9})
    v = n.node("relu1", "Relu", [v])
    v = n.node("pool", "MaxPool", [v], {"kernel_shape": [2, 2], "strides": [2, 2]})
    v = n.node("conv2", "Conv", [v, "conv2.w", "conv2.b"], {"kernel_shape": [3, 3], "group": 2, "strides": [2, 2], "pads": [0, 0, 1, 1]})
    v = n.node("relu2", "Relu", [v])
    v = n.node("average", "GlobalAveragePool", [v])
    v = n.node("flat", "Flatten", [v])
    n.node("dense", "Gemm", [v, "dense.w", "dense.b"], {"transB": 1})
    w = n.weights

    def forward(x, running):
        x = F.conv2d(x, w["conv1.w"], padding=1)
        x = F.batch_norm(x, running["norm.mean"], running["norm.var"], w["norm.scale"], w["norm.bias"], training=True, momentum=0.1)
        x = F.max_pool2d(F.relu(x), 2)
        x = F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), w["conv2.w"], w["conv2.b"], stride=2, groups=2))
        return x.mean((2, 3)) @ w["dense.w"].T + w["dense.b"]

    x = n.draw([30, 2, 9, 9], 1)
    labels = torch.randint(0, 3, (30,), generator=n.generator)
    x = (x + labels.double()[:, None, None, None] * 0.3).float().double()
    train("convolutional", n, forward, x, labels, "cross-entropy", 7, lambda p: torch.optim.Adam(p, lr=0.01),
          {"name": "adam", "learningRate": 0.01})


def lstm():
    n = Network(3)
    hidden, features, steps = 7, 3, 6
    n.weight("lstm.w", [2, 4 * hidden, features], 0.4)
    n.weight("lstm.r", [2, 4 * hidden, hidden], 0.4)
    n.weight("lstm.b", [2, 8 * hidden], 0.4)
    n.weight("dense.w", [2, 2 * hidden])
    n.weight("dense.b", [2], 0.2)
    n.integers("shape", [0, -1])
    v = n.node("time-first", "Transpose", ["input"], {"perm": [1, 0, 2]})
    n.node("lstm", "LSTM", [v, "lstm.w", "lstm.r", "lstm.b"], {"hidden_size": hidden, "direction": "bidirectional"}, ["", "lstm.last"])
    v = n.node("batch-first", "Transpose", ["lstm.last"], {"perm": [1, 0, 2]})
    v = n.node("flat", "Reshape", [v, "shape"])
    n.node("dense", "Gemm", [v, "dense.w", "dense.b"], {"transB": 1})
    w = n.weights

    def forward(x, _):
        last = []
        for d in range(2):
            h = c = torch.zeros(len(x), hidden).double()
            order = range(steps) if d == 0 else reversed(range(steps))
            for t in order:
                u = x[:, t] @ w["lstm.w"][d].T + h @ w["lstm.r"][d].T + w["lstm.b"][d][:4 * hidden] + w["lstm.b"][d][4 * hidden:]
                i, o, f, g = u.chunk(4, 1)
                c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
                h = torch.sigmoid(o) * torch.tanh(c)
            last.append(h)
        return torch.cat(last, 1) @ w["dense.w"].T + w["dense.b"]

    x = n.draw([26, steps, features], 1)
    target = torch.stack([x[:, :, 0].sum(1), x[:, -1, 1] - x[:, 0, 2]], 1).float().double()
    train("lstm", n, forward, x, target, "mse", 6, lambda p: torch.optim.RMSprop(p, lr=0.003, momentum=0.5),
          {"name": "rmsprop", "learningRate": 0.003, "momentum": 0.5})


def attention():
    n = Network(4)
    words, steps, width, heads = 11, 5, 8, 2
    depth = width // heads
    n.weight("embedding", [words, width], 0.8)
    n.weight("norm.scale", [width], value=torch.ones(width))
    n.weight("norm.bias", [width], value=torch.zeros(width))
    for part in "qkv":
        n.weight(f"{part}.w", [width, width])
    n.weight("out.w", [width, width])
    n.weight("dense.w", [3, width])
    n.weight("dense.b", [3], 0.2)
    n.integers("split", [0, 0, heads, depth])
    n.integers("join", [0, 0, width])
    n.integers("time", [1])
    n.constants["scale"] = {"dims": [], "data": [number(1 / math.sqrt(depth))], "frozen": True}
    words_in = n.node("embed", "Gather", ["embedding", "input"])
    v = n.node("norm", "LayerNormalization", [words_in, "norm.scale", "norm.bias"], {"axis": -1, "epsilon": 1e-5})
    parts = {}
    for part in "qkv":
        p = n.node(f"{part}", "MatMul", [v, f"{part}.w"])
        p = n.node(f"{part}-split", "Reshape", [p, "split"])
        parts[part] = n.node(f"{part}-heads", "Transpose", [p], {"perm": [0, 2, 3, 1] if part == "k" else [0, 2, 1, 3]})
    s = n.node("scores", "MatMul", [parts["q"], parts["k"]])
    s = n.node("scaled", "Mul", [s, "scale"])
    s = n.node("weights", "Softmax", [s], {"axis": -1})
    s = n.node("mixed", "MatMul", [s, parts["v"]])
    s = n.node("mixed-heads", "Transpose", [s], {"perm": [0, 2, 1, 3]})
    s = n.node("joined", "Reshape", [s, "join"])
    s = n.node("projected", "MatMul", [s, "out.w"])
    s = n.node("residual", "Add", [s, words_in])
    s = n.node("gelu", "Gelu", [s])
    s = n.node("mean", "ReduceMean", [s, "time"], {"keepdims": 0})
    n.node("dense", "Gemm", [s, "dense.w", "dense.b"], {"transB": 1})
    w = n.weights

    def forward(x, _):
        e = w["embedding"][x.long()]
        v = F.layer_norm(e, [width], w["norm.scale"], w["norm.bias"])
        q, k, u = ((v @ w[f"{part}.w"]).reshape(len(x), steps, heads, depth).transpose(1, 2) for part in "qkv")
        a = torch.softmax(q @ k.transpose(2, 3) * number(1 / math.sqrt(depth)), -1) @ u
        y = a.transpose(1, 2).reshape(len(x), steps, width) @ w["out.w"] + e
        return F.gelu(y).mean(1) @ w["dense.w"].T + w["dense.b"]

    x = torch.randint(0, words, (29, steps), generator=n.generator)
    labels = (x.sum(1) % 3)
    train("attention", n, forward, x.double(), labels, "cross-entropy", 9,
          lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.02),
          {"name": "adamw", "learningRate": 0.01, "weightDecay": 0.02})


def residual():
    n = Network(5)
    channels = 6
    n.weight("stem.w", [channels, 1, 5])
    n.weight("conv.w", [channels, channels, 3])
    n.weight("conv.b", [channels], 0.2)
    n.weight("group.scale", [channels], value=torch.ones(channels))
    n.weight("group.bias", [channels], value=torch.zeros(channels))
    n.weight("slope", [1, 1], value=torch.full((1, 1), 0.25))
    n.weight("up.w", [channels, 4, 4])
    n.weight("dense.w", [2, 4])
    v = n.node("stem", "Conv", ["input", "stem.w"], {"kernel_shape": [5], "strides": [2], "auto_pad": "SAME_UPPER"})
    u = n.node("group", "GroupNormalization", [v, "group.scale", "group.bias"], {"num_groups": 3, "epsilon": 1e-5})
    u = n.node("prelu", "PRelu", [u, "slope"])
    u = n.node("conv", "Conv", [u, "conv.w", "conv.b"], {"kernel_shape": [3], "pads": [2, 2], "dilations": [2]})
    u = n.node("skip", "Add", [u, v])
    u = n.node("pool", "AveragePool", [u], {"kernel_shape": [3], "strides": [2], "pads": [1, 1]})
    u = n.node("up", "ConvTranspose", [u, "up.w"], {"kernel_shape": [4], "strides": [2], "pads": [1, 1]})
    u = n.node("gate", "Sigmoid", [u])
    u = n.node("silu", "Mul", ["up.out", u])
    u = n.node("average", "GlobalMaxPool", [u])
    u = n.node("flat", "Flatten", [u])
    n.node("dense", "Gemm", [u, "dense.w"], {"transB": 1})
    w = n.weights

    def forward(x, _):
        v = F.conv1d(F.pad(x, (1, 2)), w["stem.w"], stride=2)
        u = F.group_norm(v, 3, w["group.scale"], w["group.bias"])
        u = torch.where(u < 0, w["slope"] * u, u)
        u = F.conv1d(u, w["conv.w"], w["conv.b"], padding=2, dilation=2) + v
        u = F.avg_pool1d(u, 3, 2, 1, count_include_pad=False)
        u = F.silu(F.conv_transpose1d(u, w["up.w"], stride=2, padding=1))
        return u.amax(2) @ w["dense.w"].T

    x = n.draw([24, 1, 16], 1)
    target = torch.stack([x[:, 0, :8].sum(1), x[:, 0, 8:].amax(1)], 1).float().double()
    train("residual", n, forward, x, target, "mse", 8, lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
          {"name": "sgd", "learningRate": 0.02, "momentum": 0.9})


perceptron()
convolutional()
lstm()
attention()
residual()
