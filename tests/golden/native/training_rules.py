"""Writes what PyTorch (2.13, CPU) and scikit-learn (1.9) make of the rules of training. Run: python3 tests/golden/native/training_rules.py

optimizers.json  every optimizer with its variants: losses and weights after each of 20 steps on a small problem
schedules.json   every schedule: the learning rates of 200 steps of |w| -> min from w = 3.05, which soon jumps to and fro around 0
losses.json      every loss with its options, and its gradient
clipping.json    clipping by value and by norm, and an L1 penalty: weights after each of 20 steps
metrics.json     metrics of classifiers and regressions
"""

import json
import pathlib

import numpy
import sklearn.metrics as sk
import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler as lr

HERE = pathlib.Path(__file__).parent
STEPS = 20


def number(value):
    """Nine digits tell every float32 apart."""
    return float(f"{float(value):.9g}")


def tensor(value):
    value = value.detach()
    return {"dims": list(value.shape), "data": [number(x) for x in value.flatten()]}


def write(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


class Problem:
    """Three inputs, two outputs, ten samples, mean squared error."""

    def __init__(self):
        torch.manual_seed(3)
        self.x, self.y = torch.rand(10, 3), torch.rand(10, 2)
        start = torch.nn.Linear(3, 2)
        self.weight, self.bias = start.weight.detach().clone(), start.bias.detach().clone()

    def content(self, runs):
        return {"x": tensor(self.x), "y": tensor(self.y), "weight": tensor(self.weight), "bias": tensor(self.bias), "runs": runs}

    def layer(self):
        layer = torch.nn.Linear(3, 2)
        with torch.no_grad():
            layer.weight.copy_(self.weight)
            layer.bias.copy_(self.bias)
        return layer

    def run(self, make, before=lambda layer: None, penalty=lambda layer: 0.0):
        layer = self.layer()
        optimizer = make(layer.parameters())
        steps = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = F.mse_loss(layer(self.x), self.y)
            (loss + penalty(layer)).backward()
            before(layer)
            optimizer.step()
            steps.append({"loss": number(loss), "weight": tensor(layer.weight)["data"], "bias": tensor(layer.bias)["data"]})
        return steps


def optimizers():
    problem = Problem()
    # Our names of settings, and how PyTorch spells them.
    spelled = {
        "learningRate": "lr", "weightDecay": "weight_decay", "epsilon": "eps", "learningRateDecay": "lr_decay",
        "initialAccumulator": "initial_accumulator_value",
    }

    def theirs(settings):
        result = {spelled.get(name, name): value for name, value in settings.items()}
        for pair, names in (("betas", ("beta1", "beta2")), ("etas", ("etaMinus", "etaPlus")), ("step_sizes", ("minStep", "maxStep"))):
            if names[0] in result:
                result[pair] = tuple(result.pop(name) for name in names)
        return result

    rate = "learningRate"
    variants = {
        "sgd": (torch.optim.SGD, [
            {rate: 0.1}, {rate: 0.1, "momentum": 0.9}, {rate: 0.05, "momentum": 0.9, "nesterov": True},
            {rate: 0.1, "momentum": 0.8, "dampening": 0.3}, {rate: 0.1, "weightDecay": 0.05},
            {rate: 0.02, "momentum": 0.95, "nesterov": True, "weightDecay": 0.01}]),
        "adagrad": (torch.optim.Adagrad, [
            {rate: 0.01}, {rate: 0.1, "weightDecay": 0.05}, {rate: 0.1, "learningRateDecay": 0.1},
            {rate: 0.05, "initialAccumulator": 0.2, "epsilon": 1e-3}]),
        "rmsprop": (torch.optim.RMSprop, [
            {rate: 0.01}, {rate: 0.01, "momentum": 0.7}, {rate: 0.01, "centered": True, "alpha": 0.9},
            {rate: 0.02, "centered": True, "momentum": 0.5, "weightDecay": 0.05, "alpha": 0.8, "epsilon": 1e-4}]),
        "adam": (torch.optim.Adam, [
            {rate: 0.001}, {rate: 0.1}, {rate: 0.1, "amsgrad": True}, {rate: 0.05, "weightDecay": 0.1},
            {rate: 0.1, "beta1": 0.7, "beta2": 0.6, "epsilon": 1e-3, "amsgrad": True, "weightDecay": 0.02}]),
        "adamw": (torch.optim.AdamW, [
            {rate: 0.001, "weightDecay": 0.01}, {rate: 0.1, "weightDecay": 0.3}, {rate: 0.1, "weightDecay": 0.0},
            {rate: 0.1, "beta1": 0.7, "beta2": 0.6, "epsilon": 1e-3, "amsgrad": True, "weightDecay": 0.2}]),
        "adadelta": (torch.optim.Adadelta, [
            {rate: 1.0}, {rate: 5.0, "rho": 0.7, "epsilon": 1e-3}, {rate: 1.0, "weightDecay": 0.1}]),
        "rprop": (torch.optim.Rprop, [
            {rate: 0.01}, {rate: 0.1, "etaMinus": 0.3, "etaPlus": 1.5, "minStep": 1e-3, "maxStep": 0.2}]),
    }
    runs = []
    for name, (make, settings) in variants.items():
        for variant in settings:
            runs.append({"optimizer": name, "settings": variant, "steps": problem.run(lambda p: make(p, **theirs(variant)))})
    write("optimizers.json", problem.content(runs))


def clipping():
    problem = Problem()

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.3, momentum=0.5, weight_decay=0.02)

    def l1(layer):
        return 0.05 * sum(value.abs().sum() for value in layer.parameters())

    shared = {"learningRate": 0.3, "momentum": 0.5, "weightDecay": 0.02}
    cases = [
        ({"clipNorm": 0.1}, lambda layer: torch.nn.utils.clip_grad_norm_(layer.parameters(), 0.1), lambda layer: 0.0),
        ({"clipNorm": 100}, lambda layer: torch.nn.utils.clip_grad_norm_(layer.parameters(), 100), lambda layer: 0.0),
        ({"clipValue": 0.03}, lambda layer: torch.nn.utils.clip_grad_value_(layer.parameters(), 0.03), lambda layer: 0.0),
        ({"l1": 0.05}, lambda layer: None, l1),
        ({"l1": 0.05, "clipNorm": 0.2}, lambda layer: torch.nn.utils.clip_grad_norm_(layer.parameters(), 0.2), l1),
    ]
    runs = [{"settings": {**shared, **settings}, "steps": problem.run(sgd, before, penalty)} for settings, before, penalty in cases]
    write("clipping.json", problem.content(runs))


def schedules():
    count, base = 200, 0.4
    cases = []

    def add(settings, make):
        weight = torch.nn.Parameter(torch.tensor(3.05))
        engine = torch.optim.SGD([weight], lr=base)
        scheduler = make(engine)
        rates = []
        for _ in range(count):
            rates.append(number(engine.param_groups[0]["lr"]))
            engine.zero_grad()
            loss = weight.abs()
            loss.backward()
            engine.step()
            scheduler.step(*([loss.detach()] if settings["kind"] == "plateau" else []))
        cases.append({"settings": settings, "base": base, "start": 3.05, "rates": rates})

    def warmed(steps, start, make):
        return lambda o: lr.SequentialLR(
            o, [lr.LinearLR(o, start_factor=start, total_iters=steps), make(o)], milestones=[steps])

    add({"kind": "constant"}, lambda o: lr.ConstantLR(o, factor=1))
    add({"kind": "constant", "warmup": 17, "warmupStart": 0.2}, lambda o: lr.LinearLR(o, start_factor=0.2, total_iters=17))
    add({"kind": "step", "every": 30, "gamma": 0.5}, lambda o: lr.StepLR(o, 30, 0.5))
    add({"kind": "step", "every": 30, "gamma": 0.5, "warmup": 11, "warmupStart": 0.1}, warmed(11, 0.1, lambda o: lr.StepLR(o, 30, 0.5)))
    add({"kind": "exponential", "gamma": 0.97}, lambda o: lr.ExponentialLR(o, 0.97))
    add({"kind": "polynomial", "power": 1.7}, lambda o: lr.PolynomialLR(o, count, 1.7))
    add({"kind": "polynomial", "power": 2, "length": 150}, lambda o: lr.PolynomialLR(o, 150, 2))
    add({"kind": "cosine", "minimum": 0.01}, lambda o: lr.CosineAnnealingLR(o, count, 0.01))
    add({"kind": "cosine", "period": 30}, lambda o: lr.CosineAnnealingWarmRestarts(o, 30))
    add({"kind": "cosine", "period": 10, "stretch": 3, "minimum": 0.02}, lambda o: lr.CosineAnnealingWarmRestarts(o, 10, 3, 0.02))
    add({"kind": "cosine", "period": 20, "warmup": 15, "warmupStart": 0.25},
        warmed(15, 0.25, lambda o: lr.CosineAnnealingWarmRestarts(o, 20)))
    add({"kind": "one-cycle"}, lambda o: lr.OneCycleLR(o, base, total_steps=count + 1, cycle_momentum=False))
    cases[-1]["settings"]["length"] = count + 1
    add({"kind": "one-cycle", "rise": 0.4, "startDivisor": 10, "endDivisor": 100, "linear": True, "length": count + 1},
        lambda o: lr.OneCycleLR(o, base, total_steps=count + 1, pct_start=0.4, div_factor=10, final_div_factor=100,
                                anneal_strategy="linear", cycle_momentum=False))
    add({"kind": "plateau", "factor": 0.5, "patience": 8}, lambda o: lr.ReduceLROnPlateau(o, factor=0.5, patience=8))
    add({"kind": "plateau", "factor": 0.3, "patience": 3, "threshold": 0.02, "cooldown": 5, "minimum": 0.001},
        lambda o: lr.ReduceLROnPlateau(o, factor=0.3, patience=3, threshold=0.02, cooldown=5, min_lr=0.001))
    write("schedules.json", cases)


def losses():
    torch.manual_seed(2)
    cases = []

    def add(name, output, target, value, options=None):
        (gradient,) = torch.autograd.grad(value, output)
        cases.append({"loss": name, "options": options or {}, "output": tensor(output), "target": tensor(target),
                      "value": number(value), "gradient": tensor(gradient)})

    for batch in (1, 3):
        for columns in (1, 5):
            output = (torch.randn(batch, columns) * 3).requires_grad_(True)
            values = torch.rand(batch, columns)
            shares = torch.softmax(torch.randn(batch, columns), 1)
            shares[0, 0] = 0
            classes = torch.randint(0, columns, (batch,))
            weights = torch.rand(columns) + 0.2
            add("mse", output, values, F.mse_loss(output, values))
            add("half-squared", output, values, ((output - values) ** 2).sum() / 2 / batch)
            add("absolute", output, values, F.l1_loss(output, values))
            add("huber", output, values, F.huber_loss(output, values))
            add("huber", output, values, F.huber_loss(output, values, delta=2.5), {"delta": 2.5})
            add("cross-entropy", output, classes, F.cross_entropy(output, classes))
            add("cross-entropy", output, classes, F.cross_entropy(output, classes, label_smoothing=0.1), {"labelSmoothing": 0.1})
            listed = {"classWeights": [number(x) for x in weights]}
            add("cross-entropy", output, classes, F.cross_entropy(output, classes, weight=weights), listed)
            add("cross-entropy", output, classes, F.cross_entropy(output, classes, weight=weights, label_smoothing=0.3),
                {**listed, "labelSmoothing": 0.3})
            add("bce-logits", output, values, F.binary_cross_entropy_with_logits(output, values))
            add("hinge", output, classes, F.multi_margin_loss(output, classes))
            add("hinge", output, classes, F.multi_margin_loss(output, classes, margin=4), {"margin": 4})
            add("kl-divergence", output, shares, F.kl_div(F.log_softmax(output, 1), shares, reduction="batchmean"))
    # Logits far out: nothing may overflow.
    output = torch.tensor([[1000.0, -1000.0, 0.0]]).requires_grad_(True)
    halves = torch.tensor([[0.0, 1.0, 0.5]])
    add("cross-entropy", output, torch.tensor([1]), F.cross_entropy(output, torch.tensor([1])))
    add("cross-entropy", output, torch.tensor([1]), F.cross_entropy(output, torch.tensor([1]), label_smoothing=0.2),
        {"labelSmoothing": 0.2})
    add("bce-logits", output, halves, F.binary_cross_entropy_with_logits(output, halves))
    add("kl-divergence", output, halves, F.kl_div(F.log_softmax(output, 1), halves, reduction="batchmean"))
    write("losses.json", cases)


def metrics():
    generator = numpy.random.default_rng(9)
    cases = []

    def macro(truth, said):
        scores = sk.precision_recall_fscore_support(truth, said, average="macro", zero_division=0)
        return {"precision": scores[0], "recall": scores[1], "f1": scores[2]}

    for rows, columns in ((1, 3), (7, 2), (40, 3), (200, 8)):
        # Rounded, so that there are equal outputs among them.
        logits = numpy.round(generator.normal(size=(rows, columns)) * 2, 1).astype(numpy.float32)
        truth = generator.integers(0, columns, rows)
        logits[numpy.arange(rows), truth] += numpy.float32(0.7)
        said = logits.argmax(1)
        shares = torch.softmax(torch.tensor(logits).double(), 1).numpy()
        values = {"accuracy": sk.accuracy_score(truth, said), **macro(truth, said)}
        areas = [sk.roc_auc_score(truth == c, shares[:, c]) for c in range(columns) if 0 < (truth == c).sum() < rows]
        if areas:
            values["auc"] = float(numpy.mean(areas))
        if rows == 200:
            values["auc"] = sk.roc_auc_score(truth, shares, multi_class="ovr", average="macro")
        for k in (3, 5):
            # Equal outputs: the first counts as the larger, so a tiny slope decides.
            ordered = logits.astype(float) - 1e-9 * numpy.arange(columns)
            values[f"top-{k}"] = 1.0 if k >= columns else sk.top_k_accuracy_score(truth, ordered, k=k, labels=range(columns))
        cases.append({"loss": "cross-entropy", "columns": columns, "outputs": [number(x) for x in logits.flatten()],
                      "targets": [int(x) for x in truth], "metrics": {k: number(v) for k, v in values.items()}})
    for rows, columns in ((1, 1), (40, 1), (40, 3)):
        logits = generator.normal(size=(rows, columns)).astype(numpy.float32)
        truth = (generator.random((rows, columns)) < 0.4).astype(int)
        said = (logits > 0).astype(int)
        scores = sk.precision_recall_fscore_support(truth, said, average="macro" if columns > 1 else "binary", zero_division=0)
        values = {"accuracy": float((said == truth).mean()), "precision": scores[0], "recall": scores[1], "f1": scores[2]}
        if rows > 1:
            values["auc"] = sk.roc_auc_score(truth, logits, average="macro")
        cases.append({"loss": "bce-logits", "columns": columns, "outputs": [number(x) for x in logits.flatten()],
                      "targets": [int(x) for x in truth.flatten()], "metrics": {k: number(v) for k, v in values.items()}})
    for rows, columns, scales in ((1, 2, [1, 1]), (30, 1, [2.5]), (30, 2, [2.5, -0.4])):
        outputs = generator.normal(size=(rows, columns)).astype(numpy.float32)
        truth = generator.normal(size=(rows, columns)).astype(numpy.float32)
        raw, wanted = outputs * numpy.array(scales), truth * numpy.array(scales)
        values = {"mae": sk.mean_absolute_error(wanted, raw), "rmse": float(numpy.sqrt(((raw - wanted) ** 2).mean())),
                  "r2": 0.0 if rows == 1 else sk.r2_score(truth, outputs)}
        cases.append({"loss": "mse", "columns": columns, "scales": scales, "outputs": [number(x) for x in outputs.flatten()],
                      "targets": [number(x) for x in truth.flatten()], "metrics": {k: number(v) for k, v in values.items()}})
    write("metrics.json", cases)


optimizers()
clipping()
schedules()
losses()
metrics()
