"""The same workloads in other libraries: peers.py WORKLOAD THREADS [--export FILE] prints one JSON object per library that is installed.

Training is forward, backward and an update by plain SGD in float32 on shuffled batches, as tutorials write it. `--export FILE` writes the
network of W7 as ONNX instead, for the inference peer (peers-onnxruntime.mjs).
"""

import json
import os
import statistics
import sys
import time

workload, threads = sys.argv[1], int(sys.argv[2])
# W3N and W6N: with batch normalisation before every activation.
normalised = workload in ("W3N", "W6N")
plain = workload[:2] if normalised else workload
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(threads)
os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={'true' if threads > 1 else 'false'} intra_op_parallelism_threads={threads}"
# Newer versions of JAX take more threads than these settings allow.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])

ROUNDS = 5
SIZES = {"W1": [1, 1], "W2": [2, 32, 32, 2], "W3": [784, 256, 128, 10]}
SIZES["W5"] = SIZES["W7"] = SIZES["W3"]
# Pictures of digits read row by row.
RECURRENT = ("LSTM", "GRU", "RNN")
RATES = [0.01 * 0.9**i for i in range(8)]


def median_seconds(job):
    job()
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def tell(peer, unit, median):
    print(json.dumps({"peer": peer, "workload": workload, "threads": threads, "unit": unit, "median": median}), flush=True)


def pytorch():
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    peer = f"PyTorch {torch.__version__.split('+')[0]} eager"

    class LastState(nn.Module):
        """A recurrent layer whose last state is classified."""

        def __init__(self, recurrent, head):
            super().__init__()
            self.recurrent, self.head = recurrent, head

        def forward(self, x):
            state = self.recurrent(x)[1]
            return self.head((state[0] if isinstance(state, tuple) else state)[0])

    def layers(sizes, activation):
        parts = []
        for inputs, outputs in zip(sizes, sizes[1:]):
            parts += [nn.Linear(inputs, outputs), *([nn.BatchNorm1d(outputs)] if normalised else []), activation()]
        return parts[: -2 if normalised else -1]

    def network():
        if workload == "W4":
            return nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
                                 nn.Flatten(), *layers([512, 128, 10], nn.ReLU))
        if plain == "W6":
            parts = []
            for inputs, outputs, pooled in ((3, 32, False), (32, 32, True), (32, 64, False), (64, 64, True)):
                parts += [nn.Conv2d(inputs, outputs, 3, padding=1), *([nn.BatchNorm2d(outputs)] if normalised else []), nn.ReLU()]
                parts += [nn.MaxPool2d(2)] if pooled else []
            return nn.Sequential(*parts, nn.Flatten(), nn.Linear(4096, 10))
        if workload in RECURRENT:
            return LastState(getattr(nn, workload)(28, 128, batch_first=True), nn.Linear(128, 10))
        return nn.Sequential(*layers(SIZES[plain], nn.Tanh if workload == "W2" else nn.ReLU))

    if workload == "W1":
        x = torch.rand(80, 1)
        y = 1 + 2 * x

        def regression():
            model, loss = network(), nn.MSELoss()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(1000):
                optimizer.zero_grad()
                loss(model(x), y).backward()
                optimizer.step()

        tell(peer, "ms", 1e3 * median_seconds(regression))
        return
    if workload == "W7":
        model = network()
        for batch in (1, 1024):
            x = torch.rand(batch, 784)
            repeats = max(1, 2048 // batch)

            @torch.no_grad()
            def infer():
                for _ in range(repeats):
                    model(x)

            print(json.dumps({"peer": peer, "workload": f"W7-b{batch}", "threads": threads, "unit": "samples/s",
                              "median": batch * repeats / median_seconds(infer)}), flush=True)
        return

    batch = 16 if workload == "W2" else 64
    count = {"W2": 1600, "W3": 6400, "W4": 1280, "W5": 1600, "W6": 256}.get(plain, 1280)
    shape = {"W2": (2,), "W4": (1, 28, 28), "W6": (3, 32, 32)}.get(plain, (28, 28) if workload in RECURRENT else (784,))
    x = torch.rand(count, *shape)
    y = torch.randint(0, 2 if workload == "W2" else 10, (count,))
    loss = nn.CrossEntropyLoss()
    runs = []
    for rate in RATES if workload == "W5" else RATES[:1]:
        model = network()
        runs.append((model, torch.optim.SGD(model.parameters(), lr=rate)))

    def epoch():
        for model, optimizer in runs:
            order = torch.randperm(count)
            for begin in range(0, count, batch):
                rows = order[begin : begin + batch]
                optimizer.zero_grad()
                loss(model(x[rows]), y[rows]).backward()
                optimizer.step()

    seconds = median_seconds(epoch)
    if workload == "W2":
        tell(peer, "updates/s", count / batch / seconds)
    else:
        tell(peer, "samples/s", count * len(runs) / seconds)


def jax_scan():
    """A whole epoch (W1: a whole training) as one compiled loop: the fastest way JAX has."""
    import jax
    import jax.numpy as np

    sizes = SIZES[workload]
    keys = jax.random.split(jax.random.PRNGKey(1), len(sizes))
    start = [(jax.random.uniform(key, (a, b), minval=-1, maxval=1) / a, np.zeros(b)) for key, a, b in zip(keys, sizes, sizes[1:])]
    activation = np.tanh if workload == "W2" else jax.nn.relu

    def forward(weights, x):
        for w, b in weights[:-1]:
            x = activation(x @ w + b)
        w, b = weights[-1]
        return x @ w + b

    def cost(weights, x, y):
        out = forward(weights, x)
        if workload == "W1":
            return np.mean((out - y) ** 2)
        return -np.mean(jax.nn.log_softmax(out)[np.arange(len(y)), y])

    def step(rate):
        def run(weights, batch):
            value, slopes = jax.value_and_grad(cost)(weights, *batch)
            return jax.tree_util.tree_map(lambda w, g: w - rate * g, weights, slopes), value

        return run

    peer = f"JAX {jax.__version__} scan"
    if workload == "W1":
        x = jax.random.uniform(keys[0], (80, 1))
        job = jax.jit(lambda weights: jax.lax.scan(lambda w, _: step(0.1)(w, (x, 1 + 2 * x)), weights, None, length=1000))
        tell(peer, "ms", 1e3 * median_seconds(lambda: jax.block_until_ready(job(start))))
        return
    batch = 16 if workload == "W2" else 64
    count = {"W2": 1600, "W3": 6400, "W5": 1600}[workload]
    x = jax.random.uniform(keys[0], (count, sizes[0]))
    y = jax.random.randint(keys[1], (count,), 0, sizes[-1])

    def epoch(weights, key, rate):
        order = jax.random.permutation(key, count).reshape(-1, batch)
        return jax.lax.scan(lambda w, rows: step(rate)(w, (x[rows], y[rows])), weights, order)[0]

    if workload == "W5":
        many = jax.tree_util.tree_map(lambda w: np.stack([w] * 8), start)
        job = jax.jit(jax.vmap(epoch, in_axes=(0, None, 0)))
        seconds = median_seconds(lambda: jax.block_until_ready(job(many, keys[2], np.array(RATES))))
        tell(peer.replace("scan", "vmap"), "samples/s", 8 * count / seconds)
        return
    job = jax.jit(lambda weights, key: epoch(weights, key, 0.01))
    seconds = median_seconds(lambda: jax.block_until_ready(job(start, keys[2])))
    tell(peer, "updates/s" if workload == "W2" else "samples/s", count / (batch if workload == "W2" else 1) / seconds)


def export(path):
    import onnx
    import torch
    from onnx import TensorProto, helper, numpy_helper

    sizes, nodes, weights, value = SIZES["W7"], [], [], "x"
    for i, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        layer = torch.nn.Linear(inputs, outputs)
        weights += [numpy_helper.from_array(p.detach().numpy(), f"{kind}{i}") for kind, p in (("w", layer.weight), ("b", layer.bias))]
        nodes.append(helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [f"u{i}"], transB=1))
        value = f"u{i}"
        if i + 2 < len(sizes):
            nodes.append(helper.make_node("Relu", [value], [f"v{i}"]))
            value = f"v{i}"
    graph = helper.make_graph(nodes, "W7", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 784])],
                              [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["n", 10])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)


if "--export" in sys.argv:
    export(sys.argv[sys.argv.index("--export") + 1])
else:
    for run in (pytorch, jax_scan):
        if run is jax_scan and workload in ("W4", "W6", "W7", "W3N", "W6N", *RECURRENT):
            continue
        try:
            run()
        except ModuleNotFoundError as missing:
            print(f"{missing.name} is not installed: its workloads are left out.", file=sys.stderr)
