"""Golden numbers of PyTorch's CPU generator.

Writes random.json beside this file. Needs PyTorch (made with 2.13.0, CPU). Floats are written as their float32 bit patterns, so that
the tests can ask for equal bits; permutations as integers.

    python3 tests/golden/random/generate.py
"""

import json
import pathlib
import zlib

import torch

SEEDS = [0, 1, 42, 2**31 + 5]
COUNTS = [1, 2, 15, 16, 17, 33, 100]


def bits(tensor):
    return [int(v) & 0xFFFFFFFF for v in tensor.detach().contiguous().view(torch.int32).flatten().tolist()]


def draw(call):
    kind, *arguments = call
    if kind == "rand":
        return bits(torch.rand(*arguments))
    if kind == "uniform":
        count, low, high = arguments
        return bits(torch.empty(count).uniform_(low, high))
    if kind == "randn":
        return bits(torch.randn(*arguments))
    return torch.randperm(*arguments).tolist()


def sequence(seed, calls):
    torch.manual_seed(seed)
    return {"seed": seed, "calls": [{"call": call, "values": draw(call)} for call in calls]}


def checksum(tensor):
    """CRC-32 of the float32 values as little-endian bytes."""
    return zlib.crc32(tensor.detach().contiguous().numpy().astype("<f4").tobytes())


def linear(seed, inputs, outputs):
    """Default initialisation of nn.Linear: both uniform on ±1/sqrt(inputs), the weight first."""
    torch.manual_seed(seed)
    layer = torch.nn.Linear(inputs, outputs)
    entry = {"seed": seed, "inputs": inputs, "outputs": outputs}
    for name, tensor in (("weight", layer.weight), ("bias", layer.bias)):
        values = bits(tensor)
        entry[name] = {"first": values[:4], "last": values[-4:], "crc32": checksum(tensor)}
    return entry


def main():
    sequences = []
    for seed in SEEDS:
        for count in COUNTS:
            sequences.append(sequence(seed, [["rand", count]]))
            sequences.append(sequence(seed, [["randn", count]]))
            sequences.append(sequence(seed, [["uniform", count, -0.35, 1.7]]))
        for count in [1, 2, 10, 100, 1000]:
            sequences.append(sequence(seed, [["randperm", count]]))
        # The second normal number of a pair waits for the next short randn, whatever is drawn in between.
        sequences.append(sequence(seed, [["randn", 1], ["randn", 1], ["randn", 1], ["rand", 3], ["randn", 2], ["rand", 1]]))
        sequences.append(
            sequence(seed, [["randn", 3], ["randperm", 7], ["randn", 20], ["randn", 1], ["uniform", 5, 2.0, 3.0], ["rand", 700], ["randn", 5]])
        )
        sequences.append(sequence(seed, [["rand", 1000], ["randperm", 33], ["randn", 17], ["randperm", 1], ["rand", 2]]))
    golden = {
        "torch": torch.__version__.split("+")[0],
        "sequences": sequences,
        "linear": [linear(seed, *shape) for seed in [0, 42] for shape in [(4, 16), (784, 128)]],
    }
    target = pathlib.Path(__file__).with_name("random.json")
    lines = ['{"torch": ' + json.dumps(golden["torch"]) + ",", '"sequences": [']
    lines.append(",\n".join(json.dumps(entry) for entry in sequences))
    lines.append('],\n"linear": [')
    lines.append(",\n".join(json.dumps(entry) for entry in golden["linear"]))
    lines.append("]}")
    target.write_text("\n".join(lines) + "\n")


main()
