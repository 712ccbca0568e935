"""Random expressions with their values and gradients by PyTorch, in double precision: torch-expressions.json.

    python3 tests/golden/scratchpad/torch_expressions.py     (torch 2.13)

A case: inputs a, b, … (shape and values), an expression, its shape and values, and the gradients of the inputs of
sum(weights · expression), where weights count 1, 2, 3, … by tenths. Shapes are odd on purpose.
"""

import json
import pathlib
import random

import torch
import torch.nn.functional as F

draw = random.Random(2024)
environment = {"torch": torch, "F": F}


def number(low, high):
    return round(draw.uniform(low, high), 3)


def shape(rank=None, least=1, most=4):
    return [draw.randint(least, most) for _ in range(draw.randint(0, 3) if rank is None else rank)]


def spread(size):
    """A shape that broadcasts with another one."""
    kept = [1 if draw.random() < 0.3 else n for n in size]
    return kept[draw.randint(0, len(kept)) :] if draw.random() < 0.3 else kept


def dim(rank):
    return draw.randint(-rank, rank - 1)


def index(size):
    """What stands in the brackets of a[…] for a tensor of this shape."""
    parts = []
    advanced = False
    for n in size:
        kind = draw.randint(0, 6)
        if kind == 0:
            parts.append(str(draw.randint(-n, n - 1)))
        elif kind == 1:
            low = draw.randint(0, n - 1)
            parts.append(f"{low}:{draw.randint(low + 1, n)}")
        elif kind == 2:
            parts.append(f"::{draw.randint(1, 2)}")
        elif kind == 3:
            parts.append(f"{-draw.randint(1, n)}:")
        elif kind == 4 and not advanced:
            parts.append(str([draw.randint(-n, n - 1) for _ in range(draw.randint(1, 3))]))
            advanced = True
        elif kind == 5 and not advanced:
            parts.append(f"torch.tensor({[draw.randint(0, n - 1) for _ in range(draw.randint(1, 3))]})")
            advanced = True
        else:
            parts.append(":")
        if draw.random() < 0.12:
            parts.append("None")
    if draw.random() < 0.2:
        at = draw.randint(0, len(parts))
        if parts[at:] and all(p == ":" for p in parts[at:]):
            parts[at:] = ["..."]
    return ", ".join(parts)


any_range, positive, unit = (-2, 2), (0.2, 3), (-0.9, 0.9)
unary = {
    **{f"{{}}.{name}()": any_range for name in "exp sin cos tanh sigmoid relu abs square neg erf sinh cosh atan floor sign expm1 exp2".split()},
    **{f"{{}}.{name}()": positive for name in "log sqrt reciprocal rsqrt log2 log10 log1p".split()},
    **{f"{{}}.{name}()": unit for name in "asin acos tan".split()},
    **{f"F.{name}({{}})": any_range for name in "leaky_relu elu selu gelu silu mish softplus softsign logsigmoid hardswish hardsigmoid hardtanh celu relu6".split()},
    "F.gelu({}, approximate='tanh')": any_range,
    "F.softplus({}, beta=2)": any_range,
    "{}.clamp(-0.5, 1.1)": any_range,
    "{}.clamp(min=0.3)": any_range,
    "{} ** 2": any_range,
    "{} ** 3": any_range,
    "{} ** 0.5": positive,
    "{} ** -1.5": positive,
    "1.5 ** {}": any_range,
    "3 - {}": any_range,
    "2 / {}": positive,
    "-{} * 0.25 + 1": any_range,
    "{} / 3": any_range,
    "{} % 0.7": positive,
    "torch.where({0} > 0, {0}, 0.1 * {0})": any_range,
    "{0}.masked_fill({0} > 0.5, 2.0)": any_range,
    "({0} > 0) * {0}": any_range,
}


class Case:
    def __init__(self):
        self.inputs = []

    def input(self, size, bounds=any_range):
        count = 1
        for n in size:
            count *= n
        self.inputs.append({"shape": size, "values": [number(*bounds) for _ in range(count)]})
        return "abcdef"[len(self.inputs) - 1]


def unary_case(case):
    form = draw.choice(list(unary))
    return form.format(case.input(shape(), unary[form]))


def binary_case(case):
    size = shape()
    first, second = (size, spread(size)) if draw.random() < 0.5 else (spread(size), size)
    form = draw.choice(["{} + {}", "{} - {}", "{} * {}", "{} / {}", "torch.maximum({}, {})", "torch.minimum({}, {})", "{} ** {}", "torch.add({}, {}, alpha=0.3)", "F.mse_loss({}.expand(torch.broadcast_shapes(A, B)), {}.expand(torch.broadcast_shapes(A, B)))", "torch.where({} > 0.9, {}, 0.5)", "torch.lerp({}, {}, 0.3)"])
    while "broadcast_shapes" in form:
        form = draw.choice(["{} * {}", "{} / {}"])
    return form.format(case.input(first, positive), case.input(second, positive))


def reduction_case(case):
    size = shape(draw.randint(1, 3))
    rank = len(size)
    name = draw.choice("sum mean prod var std norm max min amax amin logsumexp cumsum cumprod softmax log_softmax sort topk median flip argmax".split())
    x = case.input(size, positive if name in ("prod", "cumprod", "norm") else any_range)
    keep = draw.choice(["", ", keepdim=True"])
    d = dim(rank)
    if name in ("sum", "mean", "var", "std", "norm", "amax", "amin"):
        if draw.random() < 0.3 and name not in ("var", "std"):
            return f"{x}.{name}()"
        if name in ("var", "std"):
            return f"{x}.{name}(dim={d}, unbiased=False{keep})" if name == "var" else f"({x}.{name}(dim={d}, unbiased=False) + 0)" if size[d] > 1 else f"{x}.var(dim={d}, unbiased=False)"
        dims = draw.sample(range(rank), draw.randint(1, rank))
        return f"{x}.{name}(dim={tuple(dims)}{keep})"
    if name == "prod":
        return f"{x}.prod({d}{keep})" if draw.random() < 0.6 else f"{x}.prod()"
    if name in ("max", "min"):
        return f"{x}.{name}({d}{keep}).values" if draw.random() < 0.6 else f"{x}.{name}()"
    if name == "median":
        return f"{x}.median({d}).values"
    if name == "argmax":
        return f"{x} * {x}.argmax({d}, keepdim=True)"
    if name == "sort":
        return f"{x}.sort({d}, descending={draw.choice([True, False])}).values"
    if name == "topk":
        return f"{x}.topk({draw.randint(1, size[d])}, {d}).values"
    if name == "flip":
        return f"{x}.flip({d}).cumsum({dim(rank)})"
    return f"{x}.{name}({d})"


def indexing_case(case):
    size = shape(draw.randint(1, 3), 2, 5)
    x = case.input(size)
    kind = draw.randint(0, 7)
    if kind < 5:
        return f"{x}[{index(size)}]"
    if kind == 5:
        return f"{x}[{x} > 0.2] * 2" if draw.random() < 0.5 else f"{x}[torch.arange({size[0]}) != 1]"
    d = dim(len(size))
    if kind == 6:
        return f"{x}.index_select({d}, torch.tensor({[draw.randint(0, size[d] - 1) for _ in range(3)]}))"
    rows = torch.randint(0, size[d], size, generator=torch.Generator().manual_seed(draw.randint(0, 999))).tolist()
    return f"{x}.gather({d}, torch.tensor({rows}))"


def shaping_case(case):
    size = shape(draw.randint(2, 3), 2, 4)
    rank = len(size)
    x = case.input(size)
    order = draw.sample(range(rank), rank)
    d = dim(rank)
    forms = [
        f"{x}.t() * 2" if rank == 2 else f"{x}.mT",
        f"{x}.transpose({dim(rank)}, {dim(rank)})",
        f"{x}.permute({', '.join(map(str, order))})",
        f"{x}.permute({', '.join(map(str, order))}).reshape(-1)",
        f"{x}.reshape({size[0]}, -1)",
        f"{x}.flatten({draw.randint(0, rank - 1)})",
        f"{x}.unsqueeze({d}).expand({', '.join(['-1'] * (d % (rank + 1) if d >= 0 else d + rank + 1))}{', ' if (d if d >= 0 else d + rank + 1) else ''}3{', -1' * (rank - (d if d >= 0 else d + rank + 1))})",
        f"{x}.repeat({', '.join(str(draw.randint(1, 2)) for _ in size)})",
        f"torch.cat([{x}, {x} * 2], dim={d})",
        f"torch.stack([{x}, {x} + 1], dim={d})",
        f"{x}.split({draw.randint(1, 2)}, dim={d})[0]",
        f"{x}.chunk(2, dim={d})[-1]",
        f"{x}.tril()",
        f"{x}.triu(1)",
        f"{x}.unbind({d})[-1]",
        f"{x}.narrow({d}, 1, 1)",
        f"{x}.repeat_interleave(2, dim={d})",
        f"{x}.diag()" if rank == 2 else f"{x}.movedim(0, -1)",
        f"F.pad({x}, (1, 2))",
    ]
    return draw.choice(forms)


def product_case(case):
    n, k, m, batch = (draw.randint(1, 5) for _ in range(4))
    kind = draw.randint(0, 9)
    make = lambda *sizes: [case.input(list(size)) for size in sizes]
    if kind == 0:
        return "{} @ {}".format(*make((n, k), (k, m)))
    if kind == 1:
        return "{} @ {}".format(*make((k,), (k, m)))
    if kind == 2:
        return "{} @ {}".format(*make((n, k), (k,)))
    if kind == 3:
        return "{} @ {}".format(*make((k,), (k,)))
    if kind == 4:
        return "torch.bmm({}, {})".format(*make((batch, n, k), (batch, k, m)))
    if kind == 5:
        return "{} @ {}".format(*make((batch, n, k), (k, m)))
    if kind == 6:
        return "{} @ {}".format(*make((batch, 1, n, k), (2, k, m)))
    if kind == 7:
        return "torch.outer({}, {})".format(*make((n,), (m,)))
    if kind == 8:
        return "torch.einsum('bij,jk->bik', {}, {})".format(*make((batch, n, k), (k, m)))
    return "torch.addmm({}, {}, {})".format(*make((m,), (n, k), (k, m)))


def functional_case(case):
    n, i, o = (draw.randint(1, 5) for _ in range(3))
    kind = draw.randint(0, 19)
    reduction = draw.choice(["mean", "sum", "none"])
    # What is multiplied by its mean must not nearly cancel.
    x = case.input([n, i], positive if kind >= 14 else any_range)
    if kind == 0:
        return f"F.linear({x}, {case.input([o, i])}, {case.input([o])})"
    if kind == 1:
        return f"F.linear({x}, {case.input([o, i])})"
    if kind == 2:
        return f"F.linear({case.input([2, n, i])}, {case.input([o, i])}, {case.input([o])}) + {x}.sum()"
    if kind in (3, 4, 5):
        name = ["mse_loss", "l1_loss", "smooth_l1_loss"][kind - 3]
        return f"F.{name}({x}, {case.input([n, i])}, reduction='{reduction}')"
    if kind == 6:
        return f"F.huber_loss({x}, {case.input([n, i])}, reduction='{reduction}', delta=0.7)"
    labels = [draw.randint(0, i - 1) for _ in range(n)]
    if kind in (7, 8):
        return f"F.cross_entropy({x}, torch.tensor({labels}), reduction='{reduction}', label_smoothing={draw.choice([0.0, 0.1])})"
    if kind == 9:
        return f"F.nll_loss(F.log_softmax({x}, 1), torch.tensor({labels}), reduction='{reduction}')"
    if kind == 10:
        return f"F.cross_entropy({x}, F.softmax({case.input([n, i])}, 1))"
    if kind == 11:
        return f"F.binary_cross_entropy(torch.sigmoid({x}), torch.sigmoid({case.input([n, i])}).detach(), reduction='{reduction}')"
    if kind == 12:
        return f"F.binary_cross_entropy_with_logits({x}, torch.sigmoid({case.input([n, i])}), reduction='{reduction}')"
    if kind == 13:
        return f"F.kl_div(F.log_softmax({x}, 1), F.softmax({case.input([n, i])}, 1).detach(), reduction='batchmean')"
    if kind == 14:
        return f"F.layer_norm({case.input([n, i + 3])}, ({i + 3},), {case.input([i + 3])}, {case.input([i + 3])}) * {x}.mean()"
    if kind == 15:
        return f"F.normalize({x}, dim=1) + F.cosine_similarity({x}, {case.input([n, i], positive)}, dim=1).sum()"
    if kind == 16:
        return f"F.embedding(torch.tensor({[draw.randint(0, n - 1) for _ in range(4)]}), {x})"
    height, width, channels, outputs = draw.randint(4, 6), draw.randint(4, 6), draw.randint(1, 2), draw.randint(1, 3)
    picture = case.input([draw.randint(1, 2), channels, height, width])
    if kind == 17:
        kernel = case.input([outputs, channels, draw.randint(1, 3), draw.randint(1, 3)])
        return f"F.conv2d({picture}, {kernel}, {case.input([outputs])}, stride={draw.randint(1, 2)}, padding={draw.randint(0, 1)}) + {x}.sum()"
    if kind == 18:
        return f"F.max_pool2d({picture}, {draw.randint(1, 3)}, stride={draw.randint(1, 2)}) + {x}.mean()"
    return f"F.avg_pool2d({picture}, 2, stride={draw.randint(1, 2)}, padding={draw.randint(0, 1)}) + {x}.mean()"


def composition_case(case):
    n, k = draw.randint(2, 4), draw.randint(2, 4)
    a, b, c = case.input([n, k]), case.input([k]), case.input([n, 1], positive)
    pieces = [
        f"torch.tanh({a} * {b} + {c})",
        f"({a} @ {b}).unsqueeze(1) / {c}",
        f"({a} - {a}.mean(0)) / ({a}.var(0, unbiased=False) + {c}.mean()).sqrt()",
        f"torch.softmax({a} * {c}, dim=1) * {b}",
        f"torch.log({c} + ({a} * {b}) ** 2)",
        f"(torch.sigmoid({a}) @ {a}.T) * {c}",
        f"torch.cat([{a}, {c}], dim=1)[:, 1:] * {b}.sum()",
        f"{a}[0] * {b} - {c}[-1]",
    ]
    first, second = draw.sample(pieces, 2)
    return draw.choice([f"({first}).sum() * ({second})", f"({first}).exp().mean() - ({second})", f"({second}).abs().max() + ({first})"])


kinds = [(unary_case, 180), (binary_case, 160), (reduction_case, 200), (indexing_case, 200), (shaping_case, 140), (product_case, 100), (functional_case, 180), (composition_case, 90)]


def rounded(values):
    return [float(f"{value:.10g}") for value in values]


def evaluate(case, code):
    names = {}
    for name, given in zip("abcdef", case.inputs):
        names[name] = torch.tensor(given["values"], dtype=torch.float64).reshape(given["shape"]).requires_grad_(True)
    result = eval(code, {**environment, **names})
    flat = result.reshape(-1)
    if flat.numel() == 0 or flat.numel() > 200 or not torch.isfinite(flat).all():
        return None
    weights = torch.arange(1, flat.numel() + 1, dtype=torch.float64) / 10
    (flat * weights).sum().backward()
    gradients = [None if x.grad is None else rounded(x.grad.reshape(-1).tolist()) for x in names.values()]
    if any(g and not all(abs(v) < 1e6 for v in g) for g in gradients):
        return None
    return {"code": code, "inputs": case.inputs, "shape": list(result.shape), "values": rounded(flat.tolist()), "gradients": gradients}


def main():
    cases = []
    for make, count in kinds:
        made = 0
        while made < count:
            case = Case()
            code = make(case)
            found = evaluate(case, code)
            if found:
                cases.append(found)
                made += 1
    target = pathlib.Path(__file__).parent / "torch-expressions.json"
    target.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(len(cases))


main()
