"""Makes the ONNX files that the reader is tested with, and what onnx's reference evaluator answers to them.

    python3 tests/golden/onnx/generate.py

Also checks written-by-us.onnx (made by the encoder's test with DELTALAB_WRITE_GOLDEN=1) with onnx.checker.
Made with onnx 1.23, numpy 2.4, PyTorch 2.13.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

here = Path(__file__).parent
random = np.random.default_rng(7)
expected = {}


def value(name, dims, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, dims)


def weight(name, *dims):
    return numpy_helper.from_array(random.standard_normal(dims).astype(np.float32), name)


def save(name, nodes, inputs, outputs, initializers=(), opset=17, ir=8, domains=(), check=True):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(initializers))
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=ir, producer_name="generate.py")
    if check:
        onnx.checker.check_model(model, full_check=True)
    onnx.save(model, here / f"{name}.onnx")
    return model


def answer(name, model, x):
    (y,) = ReferenceEvaluator(model).run(None, {"x": x})
    expected[name] = {"x": {"dims": list(x.shape), "data": x.ravel().tolist()},
                      "y": {"dims": list(y.shape), "data": y.ravel().tolist()}}


rows = random.standard_normal((3, 4)).astype(np.float32)

# Every activation in play, weights as raw data.
chain = ["Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Softplus", "Identity"]
attributes = {"LeakyRelu": {"alpha": 0.5}, "Elu": {"alpha": 2.0}}
nodes = [helper.make_node("Gemm", ["x", "w1", "b1"], ["v0"], name="first", transB=1, alpha=1.0, beta=1.0)]
nodes += [helper.make_node(op, [f"v{i}"], [f"v{i + 1}"], name=f"{op.lower()}", **attributes.get(op, {}))
          for i, op in enumerate(chain)]
nodes += [helper.make_node("Gemm", [f"v{len(chain)}", "w2"], ["logits"], name="second"),
          helper.make_node("Softmax", ["logits"], ["y"], name="probabilities", axis=-1)]
model = save("activations", nodes, [value("x", ["batch", 4])], [value("y", ["batch", 3])],
             [weight("w1", 5, 4), weight("b1", 5), weight("w2", 5, 3)])
answer("activations", model, rows)

# Constants in every form: typed fields, a float64, Constant nodes; an old file that lists its weights as inputs, without names.
typed = helper.make_tensor("typed", TensorProto.FLOAT, [4], [0.5, -1.5, 2.0, 0.25])
double = helper.make_tensor("double", TensorProto.DOUBLE, [4], [1.0, 2.0, 4.0, 8.0])
shape = helper.make_tensor("shape", TensorProto.INT64, [3], [0, -1, 2])
half = helper.make_tensor("half", TensorProto.FLOAT, [], [0.5])
nodes = [helper.make_node("Sub", ["x", "typed"], ["a"]),
         helper.make_node("Constant", [], ["halves"], value=half),
         helper.make_node("Mul", ["a", "halves"], ["b"]),
         helper.make_node("Reshape", ["b", "shape"], ["c"]),
         helper.make_node("Flatten", ["c"], ["d"]),
         helper.make_node("Softmax", ["d"], ["y"], axis=1)]
model = save("old-forms", nodes, [value("x", [None, 4]), value("typed", [4]), value("shape", [3], TensorProto.INT64)], [value("y", [None, 4])],
             [typed, shape], opset=9, ir=3)
answer("old-forms", model, rows)

nodes = [helper.make_node("Constant", [], ["double"], value=double),
         helper.make_node("Cast", ["double"], ["single"], to=TensorProto.FLOAT),
         helper.make_node("Div", ["x", "single"], ["q"]),
         helper.make_node("Constant", [], ["zero"], value_float=0.0),
         helper.make_node("Greater", ["q", "zero"], ["positive"]),
         helper.make_node("Cast", ["positive"], ["step"], to=TensorProto.FLOAT),
         helper.make_node("Add", ["q", "step"], ["y"])]
model = save("constants", nodes, [value("x", ["n", 4])], [value("y", ["n", 4])])
answer("constants", model, rows)

# What PyTorch's exporter writes.
torch.manual_seed(0)
network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(8, 5), torch.nn.ELU(), torch.nn.Linear(5, 4),
                              torch.nn.LeakyReLU(0.1), torch.nn.Linear(4, 3)).eval()
images = random.standard_normal((3, 2, 4)).astype(np.float32)
torch.onnx.export(network, (torch.from_numpy(images),), here / "pytorch.onnx", dynamo=False, opset_version=17,
                  input_names=["x"], output_names=["y"], dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
answer("pytorch", onnx.load(here / "pytorch.onnx"), images)

# What is refused.
external = weight("w", 4, 4)
graph = helper.make_graph([helper.make_node("Gemm", ["x", "w"], ["y"], name="product")], "external",
                          [value("x", ["n", 4])], [value("y", ["n", 4])], [external])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.external_data_helper.convert_model_to_external_data(model, location="external.bin", size_threshold=0)
onnx.external_data_helper.set_external_data(model.graph.initializer[0], "/etc/passwd")
model.graph.initializer[0].ClearField("raw_data")
(here / "external.onnx").write_bytes(model.SerializeToString())

save("foreign-domain", [helper.make_node("Swish", ["x"], ["y"], name="swish", domain="com.example")],
     [value("x", ["n", 4])], [value("y", ["n", 4])], domains=["com.example"])

branch = helper.make_graph([helper.make_node("Identity", ["x"], ["inner"])], "branch", [], [value("inner", ["n", 4])])
save("sub-graph", [helper.make_node("If", ["condition"], ["y"], name="choice", then_branch=branch, else_branch=branch)],
     [value("x", ["n", 4])], [value("y", ["n", 4])], [helper.make_tensor("condition", TensorProto.BOOL, [], [True])],
     check=False)
save("branches", [helper.make_node("If", ["x"], ["y"], name="choice", then_branch=branch, else_branch=branch)],
     [value("x", ["n", 4])], [value("y", ["n", 4])], check=False)

save("half-precision", [helper.make_node("Add", ["x", "h"], ["y"], name="sum")],
     [value("x", ["n", 4], TensorProto.FLOAT16)], [value("y", ["n", 4], TensorProto.FLOAT16)],
     [numpy_helper.from_array(np.ones(4, np.float16), "h")])
save("old-softmax", [helper.make_node("Softmax", ["x"], ["y"], name="soft")],
     [value("x", ["n", 4, 5])], [value("y", ["n", 4, 5])], opset=11, ir=6)
save("dynamic", [helper.make_node("Relu", ["x"], ["y"], name="relu")],
     [value("x", ["n", "length"])], [value("y", ["n", "length"])])
save("opset-6", [helper.make_node("Relu", ["x"], ["y"], name="relu")],
     [value("x", ["n", 4])], [value("y", ["n", 4])], opset=6, ir=3)

# NumPy arrays, as numpy writes them.
matrix = np.array([[1.5, -2.0, 3.25], [4.0, 5.0, -6.5]])
np.save(here / "float32.npy", matrix.astype(np.float32))
np.save(here / "float64.npy", matrix)
np.save(here / "int64.npy", np.array([0, 2, -1, 2**53 + 1]))
np.save(here / "uint8.npy", np.array([0, 255], np.uint8))
np.save(here / "scalar.npy", np.float32(2.5))
np.save(here / "fortran.npy", np.asfortranarray(matrix))
np.save(here / "text.npy", np.array(["a", "b"]))
with open(here / "version-2.npy", "wb") as file:
    np.lib.format.write_array(file, matrix.astype(np.float32), version=(2, 0))

(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")

ours = here / "written-by-us.onnx"
if ours.exists():
    onnx.checker.check_model(onnx.load(ours), full_check=True)
    print("written-by-us.onnx: accepted by onnx.checker")
