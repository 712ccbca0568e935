"""Writes operators/<Operator>.json with PyTorch (2.13, CPU): what every sample of the engine's operator table should give.
Run after a build of the engine: python3 tests/golden/native/operators.py [Operator ...]

Each case holds the sample itself (as the engine drew it), every output, and the gradients of the mean of the squares of the first
output. Computed in double precision. Where PyTorch has the operator it is used as it is; padding, gate orders and the like are brought to its form here.
"""

import json
import pathlib
import subprocess
import sys

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent


def number(value):
    """Nine digits tell every float32 apart."""
    return float(f"{float(value):.9g}")


def tensor(value):
    value = value.detach()
    return {"dims": list(value.shape), "data": [number(x) for x in value.flatten()]}


class Node:
    """One node with its inputs: float leaves in double precision, integers as lists."""

    def __init__(self, graph):
        node = graph["nodes"][0]
        self.attributes = node["attributes"]
        self.outputs = node["outputs"]
        values = {}
        self.leaves = {}
        for item in graph["initializers"]:
            data = item["data"]
            if isinstance(data, dict):
                values[item["name"]] = torch.tensor(data["integers"], dtype=torch.int64).reshape(item["dims"])
                continue
            value = torch.tensor(data, dtype=torch.float64).reshape(item["dims"])
            if not item.get("frozen"):
                value.requires_grad_(True)
                self.leaves[item["name"]] = value
            values[item["name"]] = value
        self.inputs = [values[name] if name else None for name in node["inputs"]]

    def get(self, name, otherwise=None):
        return self.attributes.get(name, otherwise)

    def input(self, index):
        return self.inputs[index] if index < len(self.inputs) else None

    def integers(self, index):
        value = self.input(index)
        return None if value is None else [int(v) for v in value.flatten()]

    def scalar(self, index, otherwise):
        value = self.input(index)
        return otherwise if value is None else value.item()


OPERATORS = {}


def operator(*names):
    def register(compute):
        for name in names:
            OPERATORS[name] = compute
        return compute

    return register


def unary(name, compute):
    OPERATORS[name] = lambda node: compute(node.inputs[0], node)


unary("Relu", lambda x, n: F.relu(x))
unary("LeakyRelu", lambda x, n: F.leaky_relu(x, n.get("alpha", 0.01)))
unary("Elu", lambda x, n: F.elu(x, n.get("alpha", 1.0)))
unary("Celu", lambda x, n: F.celu(x, n.get("alpha", 1.0)))
unary("ThresholdedRelu", lambda x, n: torch.where(x > n.get("alpha", 1.0), x, 0 * x))
unary("Sigmoid", lambda x, n: torch.sigmoid(x))
unary("Tanh", lambda x, n: torch.tanh(x))
unary("Softplus", lambda x, n: F.softplus(x))
unary("Softsign", lambda x, n: F.softsign(x))
unary("HardSwish", lambda x, n: F.hardswish(x))
unary("Mish", lambda x, n: F.mish(x))
unary("Gelu", lambda x, n: F.gelu(x, approximate=n.get("approximate", "none")))
unary("HardSigmoid", lambda x, n: torch.clamp(n.get("alpha", 0.2) * x + n.get("beta", 0.5), 0, 1))
unary("Identity", lambda x, n: x * 1)
unary("Cast", lambda x, n: x * 1)
unary("Neg", lambda x, n: -x)
unary("Abs", lambda x, n: x.abs())
unary("Exp", lambda x, n: x.exp())
unary("Log", lambda x, n: x.log())
unary("Sqrt", lambda x, n: x.sqrt())
unary("Sin", lambda x, n: x.sin())
unary("Cos", lambda x, n: x.cos())
unary("Tan", lambda x, n: x.tan())
unary("Atan", lambda x, n: x.atan())
unary("Erf", lambda x, n: torch.erf(x))
unary("Sign", lambda x, n: x.sign())
unary("Floor", lambda x, n: x.floor())
unary("Ceil", lambda x, n: x.ceil())
unary("Round", lambda x, n: x.round())
unary("Not", lambda x, n: (x == 0).double())
unary("Reciprocal", lambda x, n: 1 / x)
unary("Softmax", lambda x, n: torch.softmax(x, n.get("axis", -1)))
unary("LogSoftmax", lambda x, n: torch.log_softmax(x, n.get("axis", -1)))
unary("Transpose", lambda x, n: x.permute(n.get("perm", list(range(x.dim()))[::-1])))
unary("GlobalAveragePool", lambda x, n: x.mean(dim=tuple(range(2, x.dim())), keepdim=True))
unary("GlobalMaxPool", lambda x, n: x.amax(dim=tuple(range(2, x.dim())), keepdim=True))


@operator("Selu")
def selu(node):
    alpha = node.get("alpha", 1.67326319217681884765625)
    gamma = node.get("gamma", 1.05070102214813232421875)
    return gamma * F.elu(node.inputs[0], alpha)


@operator("PRelu")
def prelu(node):
    x, slope = node.inputs
    return torch.where(x < 0, slope * x, x)


@operator("Clip")
def clip(node):
    x = node.inputs[0]
    return torch.clamp(x, node.scalar(1, -float("inf")), node.scalar(2, float("inf")))


for _name, _compute in {"Equal": torch.eq, "Greater": torch.gt, "GreaterOrEqual": torch.ge, "Less": torch.lt,
                        "LessOrEqual": torch.le, "And": torch.logical_and, "Or": torch.logical_or,
                        "Xor": torch.logical_xor}.items():
    OPERATORS[_name] = lambda node, compute=_compute: compute(*node.inputs).double()

for _name, _compute in {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Pow": torch.pow,
                        "MatMul": torch.matmul}.items():
    OPERATORS[_name] = lambda node, compute=_compute: compute(*node.inputs)


def folded(compute):
    def run(node):
        result = node.inputs[0] * 1
        for other in node.inputs[1:]:
            result = compute(result, other)
        return result

    return run


OPERATORS["Sum"] = folded(torch.add)


@operator("Mean")
def mean(node):
    return folded(torch.add)(node) / len(node.inputs)


@operator("Max", "Min")
def extreme(node):
    """Of equal values each gets the same share of the gradient, as torch.amax does."""
    spread = torch.stack(torch.broadcast_tensors(*node.inputs))
    return spread.amax(0) if node.op_type == "Max" else spread.amin(0)


@operator("Gemm")
def gemm(node):
    a, b = node.inputs[0], node.inputs[1]
    a = a.T if node.get("transA", 0) else a
    b = b.T if node.get("transB", 0) else b
    result = node.get("alpha", 1.0) * (a @ b)
    c = node.input(2)
    return result if c is None else result + node.get("beta", 1.0) * c


@operator("Flatten")
def flatten(node):
    x = node.inputs[0]
    axis = node.get("axis", 1)
    axis = axis + x.dim() if axis < 0 else axis
    rows = 1
    for size in x.shape[:axis]:
        rows *= size
    return x.reshape(rows, -1)


@operator("Reshape")
def reshape(node):
    x = node.inputs[0]
    wanted = node.integers(1)
    if not node.get("allowzero", 0):
        wanted = [x.shape[i] if size == 0 else size for i, size in enumerate(wanted)]
    return x.reshape(wanted)


@operator("Squeeze")
def squeeze(node):
    x = node.inputs[0]
    axes = node.integers(1)
    axes = [i for i, size in enumerate(x.shape) if size == 1] if axes is None else [a % x.dim() for a in axes]
    return x.reshape([size for i, size in enumerate(x.shape) if i not in axes])


@operator("Unsqueeze")
def unsqueeze(node):
    x = node.inputs[0]
    axes = node.integers(1)
    rank = x.dim() + len(axes)
    for axis in sorted(a % rank for a in axes):
        x = x.unsqueeze(axis)
    return x


@operator("Expand")
def expand(node):
    x = node.inputs[0]
    return x * torch.ones(node.integers(1), dtype=x.dtype)


@operator("Concat")
def concat(node):
    return torch.cat(node.inputs, node.get("axis"))


@operator("Split")
def split(node):
    x = node.inputs[0]
    axis = node.get("axis", 0)
    sizes = node.integers(1)
    if sizes is None:
        parts = node.get("num_outputs", len(node.outputs))
        size = -(-x.shape[axis] // parts)
        return torch.split(x, size, axis)
    return torch.split(x, sizes, axis)


@operator("Slice")
def slice_(node):
    x = node.inputs[0]
    starts, ends = node.integers(1), node.integers(2)
    axes = node.integers(3) or list(range(len(starts)))
    steps = node.integers(4) or [1] * len(starts)
    for start, end, axis, step in zip(starts, ends, axes, steps):
        size = x.shape[axis]
        chosen = list(range(size))[slice(start, None if step < 0 and end < -size else end, step)]
        x = x.index_select(axis, torch.tensor(chosen, dtype=torch.int64))
    return x


@operator("Pad")
def pad(node):
    x = node.inputs[0]
    pads = node.integers(1)
    axes = node.integers(3)
    axes = list(range(x.dim())) if axes is None else [a % x.dim() for a in axes]
    mode = node.get("mode", "constant")
    value = node.scalar(2, 0.0)
    for i, axis in enumerate(axes):
        before, after = pads[i], pads[i + len(axes)]
        size = x.shape[axis]
        if mode == "constant":
            left = max(before, 0)
            x = x.narrow(axis, max(-before, 0), size - max(-before, 0) - max(-after, 0))
            shape = list(x.shape)
            parts = [x]
            if left:
                parts.insert(0, torch.full(shape[:axis] + [left] + shape[axis + 1:], value, dtype=x.dtype))
            if after > 0:
                parts.append(torch.full(shape[:axis] + [after] + shape[axis + 1:], value, dtype=x.dtype))
            x = torch.cat(parts, axis)
            continue
        places = torch.arange(-before, size + after)
        if mode == "edge":
            places = places.clamp(0, size - 1)
        elif mode == "reflect":
            period = max(2 * (size - 1), 1)
            places = places.remainder(period)
            places = torch.where(places < size, places, period - places)
        else:
            places = places.remainder(size)
        x = x.index_select(axis, places)
    return x


@operator("Gather")
def gather(node):
    x, indices = node.inputs
    axis = node.get("axis", 0) % x.dim()
    indices = indices.to(torch.int64)
    indices = torch.where(indices < 0, indices + x.shape[axis], indices)
    chosen = x.index_select(axis, indices.flatten())
    return chosen.reshape(list(x.shape[:axis]) + list(indices.shape) + list(x.shape[axis + 1:]))


@operator("Where")
def where(node):
    return torch.where(node.inputs[0] != 0, node.inputs[1], node.inputs[2])


@operator("Mod")
def mod(node):
    return (torch.fmod if node.get("fmod", 0) else torch.remainder)(*node.inputs)


@operator("Tile")
def tile(node):
    return node.inputs[0].repeat(node.integers(1))


@operator("Trilu")
def trilu(node):
    cut = torch.triu if node.get("upper", 1) else torch.tril
    return cut(node.inputs[0], (node.integers(1) or [0])[0])


@operator("CumSum")
def cum_sum(node):
    x, axis = node.inputs[0], node.integers(1)[0]
    flip = (lambda v: v.flip(axis)) if node.get("reverse", 0) else (lambda v: v)
    total = flip(x).cumsum(axis)
    return flip(total - flip(x) if node.get("exclusive", 0) else total)


@operator("ArgMax", "ArgMin")
def arg_extreme(node):
    x, axis = node.inputs[0].detach(), node.get("axis", 0)
    x = x if node.op_type == "ArgMax" else -x
    # The first of equal ones is promised by none of PyTorch's functions, so it is looked for.
    ties = (x == x.amax(axis, keepdim=True)).long()
    order = torch.arange(x.shape[axis]).reshape([-1 if d == axis % x.dim() else 1 for d in range(x.dim())])
    last = node.get("select_last_index", 0)
    place = (ties * order).amax(axis, keepdim=True) if last else (ties * order + (1 - ties) * x.shape[axis]).amin(axis, keepdim=True)
    return (place if node.get("keepdims", 1) else place.squeeze(axis)).double()


@operator("DepthToSpace")
def depth_to_space(node):
    x, block = node.inputs[0], node.get("blocksize")
    if node.get("mode", "DCR") == "CRD":
        return F.pixel_shuffle(x, block)
    batch, channels, height, width = x.shape
    x = x.reshape(batch, block, block, channels // block**2, height, width).permute(0, 3, 4, 1, 5, 2)
    return x.reshape(batch, channels // block**2, height * block, width * block)


@operator("SpaceToDepth")
def space_to_depth(node):
    x, block = node.inputs[0], node.get("blocksize")
    batch, channels, height, width = x.shape
    x = x.reshape(batch, channels, height // block, block, width // block, block).permute(0, 3, 5, 1, 2, 4)
    return x.reshape(batch, channels * block**2, height // block, width // block)


@operator("LRN")
def lrn(node):
    return F.local_response_norm(node.inputs[0], node.get("size"), node.get("alpha", 1e-4), node.get("beta", 0.75), node.get("bias", 1.0))


@operator("Resize")
def resize(node):
    """Along one dimension after another, by a matrix of shares: PyTorch's interpolate knows half of ONNX's ways only."""
    x = node.inputs[0]
    scales, sizes = node.input(2), node.integers(3)
    places = node.get("coordinate_transformation_mode", "half_pixel")
    for axis in range(x.dim()):
        size = x.shape[axis]
        wanted = sizes[axis] if sizes else int(size * scales[axis].item())
        scale = wanted / size if sizes else scales[axis].item()
        if wanted == size and scale == 1:
            continue
        at = torch.arange(wanted, dtype=torch.float64)
        if places == "asymmetric":
            place = at / scale
        elif places == "align_corners":
            place = at * (size - 1) / max(wanted - 1, 1)
        else:
            place = (at + 0.5) / scale - 0.5
        if node.get("mode", "nearest") == "nearest":
            rounding = {"floor": torch.floor, "ceil": torch.ceil, "round_prefer_floor": lambda v: (v - 0.5).ceil(),
                        "round_prefer_ceil": lambda v: (v + 0.5).floor()}[node.get("nearest_mode", "round_prefer_floor")]
            place = rounding(place)
        place = place.clamp(0, size - 1)
        shares = (1 - (place[:, None] - torch.arange(size)).abs()).clamp(min=0)
        x = torch.movedim(torch.movedim(x, axis, -1) @ shares.T, -1, axis)
    return x


@operator("ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp")
def reduce_function(node):
    before, after = {"ReduceL1": (torch.abs, lambda y: y), "ReduceL2": (torch.square, torch.sqrt),
                     "ReduceSumSquare": (torch.square, lambda y: y), "ReduceLogSum": (lambda x: x, torch.log),
                     "ReduceLogSumExp": (torch.exp, torch.log)}[node.op_type]
    axes = node.integers(1) or list(range(node.inputs[0].dim()))
    return after(before(node.inputs[0]).sum(tuple(axes), keepdim=bool(node.get("keepdims", 1))))


@operator("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd")
def reduce(node):
    x = node.inputs[0]
    axes = node.integers(1) or []
    if not axes and node.get("noop_with_empty_axes", 0):
        return x * 1
    axes = sorted(a % x.dim() for a in axes) or list(range(x.dim()))
    keep = bool(node.get("keepdims", 1))
    if node.op_type == "ReduceProd":
        for axis in reversed(axes):
            x = x.prod(axis, keepdim=keep)
        return x
    compute = {"ReduceMean": torch.mean, "ReduceSum": torch.sum, "ReduceMax": torch.amax, "ReduceMin": torch.amin}
    return compute[node.op_type](x, dim=tuple(axes), keepdim=keep)


def window(node, sizes, kernel):
    """Strides, dilations and the padding of each side (begins, ends) of a convolution or pool."""
    rank = len(kernel)
    strides = node.get("strides", [1] * rank)
    dilations = node.get("dilations", [1] * rank)
    pads = node.get("pads", [0] * 2 * rank)
    auto = node.get("auto_pad", "NOTSET")
    begins, ends = list(pads[:rank]), list(pads[rank:])
    if auto == "VALID":
        begins, ends = [0] * rank, [0] * rank
    elif auto in ("SAME_UPPER", "SAME_LOWER"):
        for i in range(rank):
            outputs = -(-sizes[i] // strides[i])
            total = max((outputs - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - sizes[i], 0)
            small, large = total // 2, total - total // 2
            begins[i], ends[i] = (small, large) if auto == "SAME_UPPER" else (large, small)
    return strides, dilations, begins, ends


def padded(x, begins, ends, value):
    sides = []
    for begin, end in zip(reversed(begins), reversed(ends)):
        sides += [begin, end]
    return F.pad(x, sides, value=value)


@operator("Conv")
def conv(node):
    x, weight, bias = node.inputs[0], node.inputs[1], node.input(2)
    kernel = list(weight.shape[2:])
    strides, dilations, begins, ends = window(node, list(x.shape[2:]), kernel)
    compute = (F.conv1d, F.conv2d, F.conv3d)[len(kernel) - 1]
    return compute(padded(x, begins, ends, 0), weight, bias, strides, 0, dilations, node.get("group", 1))


@operator("ConvTranspose")
def conv_transpose(node):
    x, weight, bias = node.inputs[0], node.inputs[1], node.input(2)
    kernel = list(weight.shape[2:])
    rank = len(kernel)
    strides = node.get("strides", [1] * rank)
    dilations = node.get("dilations", [1] * rank)
    extra = node.get("output_padding", [0] * rank)
    pads = node.get("pads", [0] * 2 * rank)
    begins, ends = list(pads[:rank]), list(pads[rank:])
    auto = node.get("auto_pad", "NOTSET")
    wanted = node.get("output_shape")
    if wanted is None and auto in ("SAME_UPPER", "SAME_LOWER"):
        wanted = [size * stride for size, stride in zip(x.shape[2:], strides)]
    compute = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[rank - 1]
    full = compute(x, weight, None, strides, 0, 0, node.get("group", 1), dilations)
    for i in range(rank):
        if wanted is not None:
            cut = full.shape[2 + i] + extra[i] - wanted[-rank:][i]
            small, large = cut // 2, cut - cut // 2
            begins[i], ends[i] = (small, large) if auto == "SAME_UPPER" else (large, small)
    # Negative padding crops.
    full = padded(full, [-begin for begin in begins], [more - end for more, end in zip(extra, ends)], 0)
    return full if bias is None else full + by_channel(bias, full)


def pool_geometry(node):
    x = node.inputs[0]
    kernel = node.get("kernel_shape")
    strides, dilations, begins, ends = window(node, list(x.shape[2:]), kernel)
    outputs, extra = [], []
    for i, size in enumerate(x.shape[2:]):
        span = (kernel[i] - 1) * dilations[i] + 1
        room = size + begins[i] + ends[i] - span
        count = (-(-room // strides[i]) if node.get("ceil_mode", 0) else room // strides[i]) + 1
        if node.get("ceil_mode", 0) and (count - 1) * strides[i] >= size + begins[i]:
            count -= 1
        outputs.append(count)
        extra.append(max((count - 1) * strides[i] + span - size - begins[i], ends[i]))
    return x, kernel, strides, dilations, begins, ends, outputs, extra


def windows(x, kernel, strides, dilations, outputs):
    """[N, C, outputs..., kernel...] of a padded x."""
    for i in range(len(kernel)):
        places = torch.arange(outputs[i])[:, None] * strides[i] + torch.arange(kernel[i])[None, :] * dilations[i]
        axis = 2 + 2 * i
        x = x.index_select(axis, places.flatten())
        x = x.reshape(list(x.shape[:axis]) + [outputs[i], kernel[i]] + list(x.shape[axis + 1:]))
    rank = len(kernel)
    order = [0, 1] + [2 + 2 * i for i in range(rank)] + [3 + 2 * i for i in range(rank)]
    return x.permute(order)


@operator("MaxPool")
def max_pool(node):
    x, kernel, strides, dilations, begins, _, outputs, extra = pool_geometry(node)
    spread = windows(padded(x, begins, extra, -float("inf")), kernel, strides, dilations, outputs)
    values, chosen = spread.flatten(2 + len(kernel)).max(-1)
    if len(node.outputs) == 1:
        return values
    places = torch.arange(x.numel(), dtype=torch.float64).reshape(x.shape)
    if node.get("storage_order", 0):
        # Counted down the columns within a picture.
        turned = list(x.shape[:2]) + list(reversed(x.shape[2:]))
        axes = [0, 1] + list(reversed(range(2, x.dim())))
        places = torch.arange(x.numel(), dtype=torch.float64).reshape(turned).permute(axes)
    spread = windows(padded(places, begins, extra, -1.0), kernel, strides, dilations, outputs).flatten(2 + len(kernel))
    return values, spread.gather(-1, chosen[..., None])[..., 0]


@operator("AveragePool")
def average_pool(node):
    x, kernel, strides, dilations, begins, ends, outputs, extra = pool_geometry(node)
    axes = tuple(range(2 + len(kernel), 2 + 2 * len(kernel)))
    total = windows(padded(x, begins, extra, 0), kernel, strides, dilations, outputs).sum(axes)
    inside = torch.ones_like(x.detach())
    if node.get("count_include_pad", 0):
        inside = padded(inside, begins, ends, 1)
        extra = [e - end for e, end in zip(extra, ends)]
        begins = [0] * len(kernel)
    count = windows(padded(inside, begins, extra, 0), kernel, strides, dilations, outputs).sum(axes)
    return total / count


def by_channel(value, x):
    return value.reshape([1, -1] + [1] * (x.dim() - 2))


@operator("BatchNormalization")
def batch_normalization(node):
    x, scale, bias, mean, variance = node.inputs
    epsilon = node.get("epsilon", 1e-5)
    if node.get("training_mode", 0):
        axes = [0] + list(range(2, x.dim()))
        momentum = node.get("momentum", 0.9)
        old_mean, old_variance = mean, variance
        mean, variance = x.mean(axes), x.var(axes, unbiased=False)
        running = (old_mean * momentum + mean * (1 - momentum), old_variance * momentum + variance * (1 - momentum))
    y = (x - by_channel(mean, x)) / torch.sqrt(by_channel(variance, x) + epsilon) * by_channel(scale, x) + by_channel(bias, x)
    return (y, *running) if node.get("training_mode", 0) else y


@operator("LayerNormalization")
def layer_normalization(node):
    x, scale, bias = node.inputs[0], node.inputs[1], node.input(2)
    axis = node.get("axis", -1) % x.dim()
    axes = list(range(axis, x.dim()))
    mean = x.mean(axes, keepdim=True)
    inverse = 1 / torch.sqrt(x.var(axes, unbiased=False, keepdim=True) + node.get("epsilon", 1e-5))
    y = (x - mean) * inverse * scale
    return (y if bias is None else y + bias), mean, inverse


@operator("GroupNormalization")
def group_normalization(node):
    x, scale, bias = node.inputs
    return F.group_norm(x, node.get("num_groups"), scale, bias, node.get("epsilon", 1e-5))


@operator("InstanceNormalization")
def instance_normalization(node):
    x, scale, bias = node.inputs
    return F.instance_norm(x, weight=scale, bias=bias, eps=node.get("epsilon", 1e-5))


@operator("Dropout")
def dropout(node):
    """As written, nothing is dropped (what training drops has no counterpart in PyTorch)."""
    return node.inputs[0] * 1


ACTIVATIONS = {
    "Sigmoid": lambda x, a, b: torch.sigmoid(x),
    "Tanh": lambda x, a, b: torch.tanh(x),
    "Relu": lambda x, a, b: F.relu(x),
    "Softplus": lambda x, a, b: F.softplus(x),
    "Softsign": lambda x, a, b: F.softsign(x),
    "LeakyRelu": lambda x, a, b: F.leaky_relu(x, a),
    "Elu": lambda x, a, b: F.elu(x, a),
    "ThresholdedRelu": lambda x, a, b: torch.where(x > a, x, 0 * x),
    "Affine": lambda x, a, b: a * x + b,
    "ScaledTanh": lambda x, a, b: a * torch.tanh(b * x),
    "HardSigmoid": lambda x, a, b: torch.clamp(a * x + b, 0, 1),
}


def cell_functions(node, names):
    """With their parameters: each function that has one takes the next of the list. Their inputs are clipped first."""
    alphas, betas = iter(node.get("activation_alpha", [])), iter(node.get("activation_beta", []))
    clip = node.get("clip", 0) or float("inf")

    def bound(name):
        two = name in ("Affine", "ScaledTanh", "HardSigmoid")
        alpha = next(alphas) if two or name in ("LeakyRelu", "Elu", "ThresholdedRelu") else 0
        beta = next(betas) if two else 0
        return lambda x: ACTIVATIONS[name](x.clamp(-clip, clip), alpha, beta)

    return [bound(name) for name in names]


def recurrent(node, gates, states, advance):
    """Runs `advance(x_t, states, W, R, Wb, Rb, P, activations)` over time for every direction; Y and the last states."""
    x, weights, recurrences = node.inputs[:3]
    if node.get("layout", 0):
        x = x.transpose(0, 1)
    biases, lengths = node.input(3), node.input(4)
    steps, batch = x.shape[0], x.shape[1]
    hidden = node.get("hidden_size", recurrences.shape[2])
    direction = node.get("direction", "forward")
    directions = [False, True] if direction == "bidirectional" else [direction == "reverse"]
    names = node.get("activations", DEFAULTS[node.op_type] * len(directions))
    per = len(names) // len(directions)
    functions = cell_functions(node, names)
    lengths = [steps] * batch if lengths is None else [int(v) for v in lengths]
    outputs, lasts = [], []
    for d, backwards in enumerate(directions):
        state = []
        for i in range(states):
            given = node.input(5 + i)
            if given is not None and node.get("layout", 0):
                given = given.transpose(0, 1)
            state.append(torch.zeros(batch, hidden, dtype=x.dtype) if given is None else given[d])
        bias = torch.zeros(2 * gates * hidden, dtype=x.dtype) if biases is None else biases[d]
        peephole = node.input(7)
        activations = functions[d * per:(d + 1) * per]
        rows = [None] * steps
        for t in reversed(range(steps)) if backwards else range(steps):
            new = advance(node, x[t], state, weights[d], recurrences[d], bias[:gates * hidden], bias[gates * hidden:],
                          None if peephole is None else peephole[d], activations)
            alive = torch.tensor([[1.0 if t < length else 0.0] for length in lengths], dtype=x.dtype)
            state = [alive * a + (1 - alive) * b for a, b in zip(new, state)]
            rows[t] = alive * new[0]
        outputs.append(torch.stack(rows))
        lasts.append(state)
    y = torch.stack(outputs, 1)
    last = [torch.stack([state[i] for state in lasts]) for i in range(states)]
    if node.get("layout", 0):
        y = y.permute(2, 0, 1, 3)
        last = [value.transpose(0, 1) for value in last]
    return (y, *last)


DEFAULTS = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}


@operator("RNN")
def rnn(node):
    def advance(_, x, state, w, r, wb, rb, __, f):
        return [f[0](x @ w.T + state[0] @ r.T + wb + rb)]

    return recurrent(node, 1, 1, advance)


@operator("GRU")
def gru(node):
    def advance(n, x, state, w, r, wb, rb, _, f):
        (h,) = state
        wz, wr, wh = w.chunk(3)
        rz, rr, rh = r.chunk(3)
        wbz, wbr, wbh = wb.chunk(3)
        rbz, rbr, rbh = rb.chunk(3)
        update = f[0](x @ wz.T + h @ rz.T + wbz + rbz)
        reset = f[0](x @ wr.T + h @ rr.T + wbr + rbr)
        if n.get("linear_before_reset", 0):
            fresh = f[1](x @ wh.T + reset * (h @ rh.T + rbh) + wbh)
        else:
            fresh = f[1](x @ wh.T + (reset * h) @ rh.T + rbh + wbh)
        return [(1 - update) * fresh + update * h]

    return recurrent(node, 3, 1, advance)


@operator("LSTM")
def lstm(node):
    def advance(n, x, state, w, r, wb, rb, peephole, f):
        h, c = state
        i, o, forget, fresh = (x @ w.T + h @ r.T + wb + rb).chunk(4, -1)
        pi, po, pf = (0, 0, 0) if peephole is None else peephole.chunk(3)
        i = f[0](i + pi * c)
        forget = 1 - i if n.get("input_forget", 0) else f[0](forget + pf * c)
        cell = forget * c + i * f[1](fresh)
        o = f[0](o + po * cell)
        return [o * f[2](cell), cell]

    return recurrent(node, 4, 2, advance)


def case(sample):
    node = Node(sample["graph"])
    node.op_type = sample["opType"]
    result = OPERATORS[node.op_type](node)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    outputs = [value for name, value in zip(node.outputs, outputs) if name]
    first = outputs[0]
    gradients = {}
    if node.leaves and first.requires_grad:
        (first ** 2).mean().backward()
        gradients = {name: tensor(leaf.grad if leaf.grad is not None else torch.zeros_like(leaf))
                     for name, leaf in node.leaves.items()}
    return {"batch": sample["batch"], "sample": sample["sample"], "graph": sample["graph"],
            "outputs": [tensor(value) for value in outputs], "gradients": gradients}


def main():
    samples = json.loads(subprocess.run(["node", str(HERE / "samples.mjs")], check=True, capture_output=True, text=True).stdout)
    folder = HERE / "operators"
    folder.mkdir(exist_ok=True)
    wanted = set(sys.argv[1:]) or {sample["opType"] for sample in samples}
    for name in sorted(wanted):
        if name not in OPERATORS:
            print(f"{name}: not known here", file=sys.stderr)
            continue
        cases = [case(sample) for sample in samples if sample["opType"] == name]
        for item in cases:
            for initializer in item["graph"]["initializers"]:
                if isinstance(initializer["data"], list):
                    initializer["data"] = [number(value) for value in initializer["data"]]
        (folder / f"{name}.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


main()
