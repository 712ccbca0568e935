#include "core/sample.h"
#include "matmul_step.h"
#include "table.h"

namespace deltalab {

MatMulForm matMulForm(const NodeContext& context) {
  Shape a = context.shape(0);
  Shape b = context.shape(1);
  const std::string both = "(shapes " + toText(a) + " and " + toText(b) + ")";
  if (a.empty() || b.empty()) context.failShape("a scalar cannot be multiplied as a matrix " + both);
  // A vector on the left is a row, one on the right a column; neither is in the result.
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  const int64_t m = a[a.size() - 2], k = a.back(), inner = b[b.size() - 2], n = b.back();
  if (k != inner) {
    context.failShape("the left side has " + std::to_string(k) + " columns, the right side " + std::to_string(inner) + " rows " + both);
  }
  if (m > INT32_MAX || k > INT32_MAX || n > INT32_MAX) context.failShape("a dimension is too large");
  MatMulForm form;
  form.m = static_cast<int>(m);
  form.n = static_cast<int>(n);
  form.k = static_cast<int>(k);
  form.batchA.assign(a.begin(), a.end() - 2);
  form.batchB.assign(b.begin(), b.end() - 2);
  if (!broadcastShapes(form.batchA, form.batchB, form.batch)) context.failShape("the stacks of matrices do not spread over each other " + both);
  form.output = form.batch;
  if (!row) form.output.push_back(m);
  if (!column) form.output.push_back(n);
  return form;
}

MatMulForm withRowsTogether(MatMulForm form) {
  const size_t rows = elementCount(form.batch) * static_cast<size_t>(form.m);
  if (elementCount(form.batchB) == 1 && form.batchA == form.batch && rows <= INT32_MAX) {
    form.m = static_cast<int>(rows);
    form.batch = form.batchA = form.batchB = {};
  }
  return form;
}

/** y = a · b, matrices or stacks of them. ONNX MatMul, which is NumPy's matmul. */
OperatorDefinition matMulOperator() {
  OperatorDefinition definition;
  definition.opType = "MatMul";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.shapes = [](const NodeContext& context) { return std::vector<Shape>{matMulForm(context).output}; };
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<MatMulStep>();
  definition.fusesActivation = true;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const auto pair = [](Shape a, Shape b) { return OperatorSample{{input(std::move(a)), input(std::move(b))}, {}, 1}; };
    return {pair({batch, 5}, {5, 3}),       pair({batch, 2, 3}, {3, 4}),       pair({batch, 2, 3}, {batch, 3, 2}),
            pair({2, 3}, {batch, 3, 2}),    pair({batch, 1, 2, 3}, {2, 3, 2}), pair({5}, {5, batch}),
            pair({batch, 2, 5}, {5}),       pair({7}, {7}),                    pair({batch, 1, 1, 2}, {3, 2, 2})};
  };
  return definition;
}

}  // namespace deltalab
