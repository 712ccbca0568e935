"""Makes operators.jsonl: the operator tests of the onnx package, each in the operator sets 13 to 21 in which its operators differ.

    python3 tests/golden/onnx/operators.py

A case is kept for an operator set when onnx's checker accepts it there and, where onnx's reference evaluator knows the operator of that set, the
evaluator gives the expected answer. Left out are tensors without values, which the engine does not take, and dropout that drops values
while inferring, whose answer depends on the random numbers of onnx's own implementation. Further cases show the forms of before operator set 13. Each line is one case: its name and, in
base64, the model and the TensorProto messages of its inputs and outputs. Made with onnx 1.23, numpy 2.4.
"""

import base64
import json
import math
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, checker, defs, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from onnx.reference import ReferenceEvaluator

warnings.filterwarnings("ignore")
here = Path(__file__).parent
covered = set(
    """Gemm MatMul Add Sub Mul Div Neg Abs Exp Log Sqrt Pow Clip Sum Max Min Conv ConvTranspose MaxPool AveragePool
    GlobalAveragePool GlobalMaxPool BatchNormalization LayerNormalization GroupNormalization InstanceNormalization Dropout Relu
    LeakyRelu PRelu Elu Selu Gelu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign Softmax LogSoftmax Mish Flatten Reshape
    Transpose Squeeze Unsqueeze Concat Split Slice Pad Gather Identity Constant ReduceMean ReduceSum ReduceMax LSTM GRU RNN
    Celu ThresholdedRelu Erf Sin Cos Tan Atan Reciprocal Sign Floor Ceil Round Not And Or Xor Equal Greater GreaterOrEqual Less
    LessOrEqual Where Mod Expand Tile Trilu CumSum ArgMax ArgMin ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare
    ReduceLogSum ReduceLogSumExp DepthToSpace SpaceToDepth LRN Resize Upsample""".split()
)
statements = set("Not And Or Xor Equal Greater GreaterOrEqual Less LessOrEqual ArgMax ArgMin".split())
first, last = 13, 21
largest = 9_000  # bytes of a case: the file stays small, and large inputs test nothing new
other_types = {TensorProto.STRING, TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16,
               TensorProto.COMPLEX64, TensorProto.COMPLEX128}
lines = []


def is_refused(node):
    """Forms of Resize that the engine names and refuses: cubic curves, cutting out by a region, antialias, kept proportions."""
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    return node.op_type == "Resize" and (
        values.get("mode") == b"cubic" or values.get("antialias") or "keep_aspect_ratio_policy" in values
        or values.get("coordinate_transformation_mode") == b"tf_crop_and_resize")


def is_ours(model):
    nodes = model.graph.node
    if any(is_refused(node) for node in nodes):
        return False
    ports = [*model.graph.input, *model.graph.output]
    if not all(node.op_type in covered and node.domain == "" for node in nodes):
        return False
    if not all(port.type.HasField("tensor_type") for port in ports):
        return False
    types = [port.type.tensor_type.elem_type for port in ports]
    answer = model.graph.output[0].type.tensor_type.elem_type
    stated = all(node.op_type in statements for node in nodes)
    return not other_types & set(types) and (stated or answer == TensorProto.FLOAT)


def forms(model):
    """The operator sets from 13 to 21 in which one of the model's operators has another definition, and the newest."""
    kinds = {node.op_type for node in model.graph.node}
    changes = {first, last}
    for schema in defs.get_all_schemas_with_history():
        if schema.domain == "" and schema.name in kinds and first < schema.since_version <= last:
            changes |= {schema.since_version, schema.since_version - 1}
    return sorted(changes)


def stamped(model, opset):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.opset_import[:]
    copy.opset_import.append(helper.make_opsetid("", opset))
    copy.ir_version = 8 if opset <= 18 else 9 if opset <= 20 else 10
    return copy


def agrees(model, inputs, outputs):
    names = [port.name for port in model.graph.input]
    try:
        answers = ReferenceEvaluator(model).run(None, dict(zip(names, inputs)))
    except Exception:
        # Not every old operator is implemented there; the package's own answer stands.
        return True
    return all(a.shape == np.shape(e) and np.allclose(a, e, rtol=1e-3, atol=1e-6, equal_nan=True)
               for a, e in zip(answers, outputs))


def message(value):
    return base64.b64encode(numpy_helper.from_array(np.asarray(value)).SerializeToString()).decode()


def add(name, model, inputs, outputs):
    data = model.SerializeToString()
    if len(data) + sum(np.asarray(value).nbytes for value in [*inputs, *outputs]) > largest:
        return
    lines.append(json.dumps({"name": name, "model": base64.b64encode(data).decode(),
                             "inputs": [message(value) for value in inputs],
                             "outputs": [message(value) for value in outputs]}))


np.random.seed(0)
for case in sorted(collect_testcases(None), key=lambda case: case.name):
    if not is_ours(case.model):
        continue
    inputs, outputs = case.data_sets[0]
    random_dropout = "training_dropout" in case.name and "zero_ratio" not in case.name
    if random_dropout or any(np.size(value) == 0 for value in [*inputs[:1], *outputs]):
        continue
    for opset in forms(case.model):
        model = stamped(case.model, opset)
        try:
            checker.check_model(model, full_check=True)
        except Exception:
            continue  # the node's form is of another operator set
        if agrees(model, inputs, outputs):
            add(f"{opset}/{case.name}", model, inputs, outputs)


def old(name, opset, nodes, inputs, initializers=(), expected=(), check=True):
    """A form that is no more, with the answer computed by numpy."""
    names = [chr(ord("a") + index) for index in range(len(inputs))]
    ports = [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in zip(names, inputs)]
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, np.shape(v)) for n, v in zip(nodes[-1].output, expected)]
    graph = helper.make_graph(nodes, name, ports, outputs, list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=4 if opset < 18 else 8)
    if check:
        checker.check_model(model)
    lines.append(json.dumps({"name": f"{opset}/{name}", "model": base64.b64encode(model.SerializeToString()).decode(),
                             "inputs": [message(value) for value in inputs],
                             "outputs": [message(np.asarray(value, np.float32)) for value in expected]}))


def softmax(x, axis, log=False):
    flat = x.reshape(int(np.prod(x.shape[:axis])), -1).astype(np.float64)
    shifted = flat - flat.max(axis=1, keepdims=True)
    total = np.exp(shifted).sum(axis=1, keepdims=True)
    return [(shifted - np.log(total) if log else np.exp(shifted) / total).reshape(x.shape)]


def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


random = np.random.default_rng(11)
node = helper.make_node
x = random.standard_normal((2, 4, 3, 5)).astype(np.float32)
row = random.standard_normal((3, 6)).astype(np.float32)

# The package's own case of Mish is larger than all others together.
for opset in (18, 21):
    old("mish", opset, [node("Mish", ["a"], ["y"])], [x], expected=[mish(x.astype(np.float64))])
for opset in (7, 11):
    for axis in (1, 2, 3):
        old(f"softmax_axis_{axis}", opset, [node("Softmax", ["a"], ["y"], axis=axis)], [x], expected=softmax(x, axis))
        old(f"logsoftmax_axis_{axis}", opset, [node("LogSoftmax", ["a"], ["y"], axis=axis)], [x],
            expected=softmax(x, axis, log=True))
    old("softmax_default", opset, [node("Relu", ["a"], ["r"]), node("Softmax", ["r"], ["y"])], [x],
        expected=softmax(np.maximum(x, 0), 1))
old("softmax_negative_axis", 11, [node("Softmax", ["a"], ["y"], axis=-2)], [x], expected=softmax(x, 2))

old("clip_attributes", 10, [node("Clip", ["a"], ["y"], min=-0.5, max=0.25)], [x], expected=[np.clip(x, -0.5, 0.25)])
old("clip_one_attribute", 7, [node("Clip", ["a"], ["y"], max=0.25)], [x], expected=[np.minimum(x, 0.25)])
old("slice_attributes", 9, [node("Slice", ["a"], ["y"], starts=[1, -3], ends=[3, 100], axes=[1, 3])], [x],
    expected=[x[:, 1:3, :, -3:]])
old("slice_attributes_no_axes", 7, [node("Slice", ["a"], ["y"], starts=[0, 1], ends=[1, 1000])], [x], expected=[x[:1, 1:]])
old("pad_attributes", 10, [node("Pad", ["a"], ["y"], pads=[0, 0, 1, 2, 0, 0, 0, 3], value=1.5)], [x],
    expected=[np.pad(x, ((0, 0), (0, 0), (1, 0), (2, 3)), constant_values=1.5)])
old("pad_reflect_attributes", 7, [node("Pad", ["a"], ["y"], mode="reflect", pads=[0, 0, 1, 2, 0, 0, 0, 3])], [x],
    expected=[np.pad(x, ((0, 0), (0, 0), (1, 0), (2, 3)), mode="reflect")])
old("split_attribute", 11, [node("Split", ["a"], ["y", "z"], axis=1, split=[2, 4])], [row], expected=[row[:, :2], row[:, 2:]])
old("split_equal", 7, [node("Split", ["a"], ["y", "z", "w"], axis=-1)], [row],
    expected=[row[:, :2], row[:, 2:4], row[:, 4:]])
old("squeeze_attribute", 11, [node("Squeeze", ["a"], ["y"], axes=[1, -1])], [row.reshape(3, 1, 6, 1)], expected=[row])
old("unsqueeze_attribute", 7, [node("Unsqueeze", ["a"], ["y"], axes=[0, 3])], [row], expected=[row.reshape(1, 3, 6, 1)])
for kind, function in (("ReduceSum", np.sum), ("ReduceMean", np.mean), ("ReduceMax", np.max)):
    old(f"{kind.lower()}_attribute", 7, [node(kind, ["a"], ["y"], axes=[1, 2], keepdims=0)], [x],
        expected=[function(x, axis=(1, 2))])
    old(f"{kind.lower()}_all", 11, [node(kind, ["a"], ["y"])], [x], expected=[function(x, keepdims=True)])
old("dropout_attribute", 10, [node("Dropout", ["a"], ["y"], ratio=0.3)], [x], expected=[x])
parameters = [numpy_helper.from_array(value.astype(np.float32), name) for name, value in (
    ("scale", random.uniform(0.5, 2, 4)), ("bias", random.standard_normal(4)),
    ("mean", random.standard_normal(4)), ("var", random.uniform(0.5, 2, 4)))]
scale, bias, mean, var = (numpy_helper.to_array(value).reshape(1, 4, 1, 1) for value in parameters)
normalised = (x - mean) / np.sqrt(var + 1e-4) * scale + bias
old("batch_normalization_spatial", 7,
    [node("BatchNormalization", ["a", "scale", "bias", "mean", "var"], ["y"], epsilon=1e-4, spatial=1)], [x], parameters,
    expected=[normalised])
old("batch_normalization", 9, [node("BatchNormalization", ["a", "scale", "bias", "mean", "var"], ["y"], epsilon=1e-4)], [x],
    parameters, expected=[normalised])

doubled = x.repeat(2, axis=2).repeat(3, axis=3)
factors = [numpy_helper.from_array(np.array([1, 1, 2, 3], np.float32), "factors")]
old("upsample_attribute", 7, [node("Upsample", ["a"], ["y"], scales=[1.0, 1.0, 2.0, 3.0])], [x], expected=[doubled], check=False)
old("upsample", 9, [node("Upsample", ["a", "factors"], ["y"], mode="nearest")], [x], factors, expected=[doubled], check=False)
old("resize", 10, [node("Resize", ["a", "factors"], ["y"])], [x], factors, expected=[doubled], check=False)

# Of these the package has cases of float64 or whole numbers only.
along = numpy_helper.from_array(np.array(2, np.int64), "along")
below = numpy_helper.from_array(np.array(-1, np.int64), "below")
some = numpy_helper.from_array(np.array([1, 3], np.int64), "some")
for opset in (14, 21):
    old("erf", opset, [node("Erf", ["a"], ["y"])], [row], expected=[np.vectorize(math.erf)(row)])
    old("cum_sum", opset, [node("CumSum", ["a", "along"], ["y"])], [x], [along], expected=[np.cumsum(x, 2)])
    old("cum_sum_reverse_exclusive", opset, [node("CumSum", ["a", "along"], ["y"], reverse=1, exclusive=1)], [x], [along],
        expected=[np.cumsum(x[:, :, ::-1], 2)[:, :, ::-1] - x])
    old("trilu", opset, [node("Trilu", ["a"], ["y"])], [x], expected=[np.triu(x)])
    old("trilu_lower", opset, [node("Trilu", ["a", "below"], ["y"], upper=0)], [x], [below], expected=[np.tril(x, -1)])
for kind, function in (("ReduceLogSumExp", lambda v: np.log(np.exp(v.astype(np.float64)).sum((1, 3)))),
                       ("ReduceProd", lambda v: v.prod((1, 3))), ("ReduceL2", lambda v: np.sqrt((v * v).sum((1, 3))))):
    old(kind.lower(), 18, [node(kind, ["a", "some"], ["y"], keepdims=0)], [x], [some], expected=[function(x)])
    old(f"{kind.lower()}_attribute", 11, [node(kind, ["a"], ["y"], axes=[1, 3], keepdims=0)], [x], expected=[function(x)])

# 18 scaled each group, which the checker of today calls deprecated; 21 scales each channel.
groups = [numpy_helper.from_array(random.standard_normal(2).astype(np.float32), name) for name in ("scale", "bias")]
grouped = x.reshape(2, 2, -1).astype(np.float64)
grouped = (grouped - grouped.mean(axis=2, keepdims=True)) / np.sqrt(grouped.var(axis=2, keepdims=True) + 1e-5)
scaled = grouped * numpy_helper.to_array(groups[0]).reshape(1, 2, 1) + numpy_helper.to_array(groups[1]).reshape(1, 2, 1)
old("group_normalization", 18, [node("GroupNormalization", ["a", "scale", "bias"], ["y"], num_groups=2)], [x], groups,
    expected=[scaled.reshape(x.shape)], check=False)

(here / "operators.jsonl").write_text("\n".join(lines) + "\n")
print(f"{len(lines)} cases, {(here / 'operators.jsonl').stat().st_size} bytes")
