"""The workloads of a card's bench in PyTorch: peers-card.py [--device cuda|cpu] [--rounds N] [W2] [W3] [W4] [W6]; one JSON object per way.

Forward, backward and an update by plain SGD in float32 (no TF32) on batches in shuffled order, with all samples on the device: as tutorials
write it (eager), the model compiled by torch.compile, a whole step of either captured as a CUDA graph, and 64 learning rates of W3 at once by torch.func.
"""

import argparse
import json
import math
import statistics
import sys
import time

import torch
from torch import nn

LANES, LANE_DECAY = 64, 0.9
RATES = {"W2": 0.05, "W3": 0.01, "W4": 0.01, "W6": 0.01}
BATCHES = {"W2": 16, "W3": 64, "W4": 64, "W6": 64}
SAMPLES = {"W2": 1600, "W3": 6400, "W4": 1280, "W6": 256}
SHAPES = {"W2": (2,), "W3": (784,), "W4": (1, 28, 28), "W6": (3, 32, 32)}

options = argparse.ArgumentParser()
options.add_argument("workloads", nargs="*", metavar="WORKLOAD")
options.add_argument("--device", default="cuda")
options.add_argument("--rounds", type=int, default=5)
# Rounds are at least so many seconds long.
options.add_argument("--least", type=float, default=0.1)
options = options.parse_args()
device = torch.device(options.device)
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
# PyTorch's fastest convolutions for the sizes at hand.
torch.backends.cudnn.benchmark = True
loss = nn.CrossEntropyLoss()


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


def seconds_of(job, epochs):
    wait()
    start = time.perf_counter()
    for _ in range(epochs):
        job()
    wait()
    return time.perf_counter() - start


def median_seconds(job):
    """Of one epoch."""
    job()
    epochs = max(1, math.ceil(options.least / seconds_of(job, 1)))
    return statistics.median(seconds_of(job, epochs) for _ in range(options.rounds)) / epochs


def tell(workload, way, lanes, seconds):
    updates = SAMPLES[workload] / BATCHES[workload] / seconds
    samples = SAMPLES[workload] * lanes / seconds
    unit = "updates/s" if workload == "W2" else "samples/s"
    print(json.dumps({"peer": f"PyTorch {torch.__version__}", "way": way, "device": device.type, "workload": workload, "lanes": lanes, "unit": unit,
                      "median": updates if workload == "W2" else samples, "samplesPerSecond": samples, "updatesPerSecond": updates}), flush=True)


def dense(sizes, activation):
    parts = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        parts += [nn.Linear(inputs, outputs), activation()]
    return parts[:-1]


def network(workload):
    if workload == "W2":
        parts = dense([2, 32, 32, 2], nn.Tanh)
    elif workload == "W3":
        parts = dense([784, 256, 128, 10], nn.ReLU)
    elif workload == "W4":
        parts = [nn.Conv2d(1, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                 *dense([512, 128, 10], nn.ReLU)]
    else:
        parts = [nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
                 nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                 nn.Linear(4096, 10)]
    return nn.Sequential(*parts).to(device)


def samples(workload):
    count = SAMPLES[workload]
    return torch.rand(count, *SHAPES[workload], device=device), torch.randint(0, 2 if workload == "W2" else 10, (count,), device=device)


def batches(workload):
    """Rows of the batches of an epoch, on the device."""
    return torch.randperm(SAMPLES[workload], device=device).split(BATCHES[workload])


def training(workload, compiled):
    """The loss of a batch, and the optimizer."""
    model = network(workload)
    criterion = lambda inputs, targets: loss(model(inputs), targets)
    if compiled:
        # What was compiled for other sizes would make it compile for any size, or not at all.
        torch.compiler.reset()
        criterion = torch.compile(criterion, dynamic=False)
    return criterion, torch.optim.SGD(model.parameters(), lr=RATES[workload])


def steps(workload, compiled=False):
    x, y = samples(workload)
    criterion, optimizer = training(workload, compiled)

    def epoch():
        for rows in batches(workload):
            optimizer.zero_grad()
            criterion(x[rows], y[rows]).backward()
            optimizer.step()

    return epoch


def graphs(workload, compiled=False):
    """A whole step, the batch gathered in it, captured once and replayed: the least that PyTorch asks of the host."""
    x, y = samples(workload)
    criterion, optimizer = training(workload, compiled)
    rows = torch.arange(BATCHES[workload], device=device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        criterion(x[rows], y[rows]).backward()
        optimizer.step()

    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()

    def epoch():
        for chosen in batches(workload):
            rows.copy_(chosen)
            graph.replay()

    return epoch


def lanes(workload):
    """Many learning rates at once: the gradients of all by vmap over stacked weights."""
    from torch.func import functional_call, grad, stack_module_state, vmap

    x, y = samples(workload)
    model = network(workload)
    weights, _ = stack_module_state([model] * LANES)
    weights = {name: value.detach() for name, value in weights.items()}
    rates = RATES[workload] * LANE_DECAY ** torch.arange(LANES, device=device)
    slopes = vmap(grad(lambda own, inputs, targets: loss(functional_call(model, own, (inputs,)), targets)), in_dims=(0, None, None))

    @torch.no_grad()
    def epoch():
        for rows in batches(workload):
            for name, slope in slopes(weights, x[rows], y[rows]).items():
                weights[name] -= rates.view(-1, *[1] * (slope.dim() - 1)) * slope

    return epoch


for workload in options.workloads or ["W2", "W3", "W4", "W6"]:
    ways = {"eager": lambda: steps(workload), "torch.compile": lambda: steps(workload, compiled=True)}
    if device.type == "cuda":
        ways |= {"CUDA graphs": lambda: graphs(workload), "compiled CUDA graphs": lambda: graphs(workload, compiled=True)}
    if workload == "W3":
        ways["torch.func"] = lambda: lanes(workload)
    for way, prepare in ways.items():
        try:
            tell(workload, way, LANES if way == "torch.func" else 1, median_seconds(prepare()))
        except Exception as error:  # A way that this machine cannot go (no compiler for torch.compile, say) leaves the others.
            print(f"{workload}, {way}: {type(error).__name__}: {error}", file=sys.stderr)
