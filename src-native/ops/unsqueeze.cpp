#include "axes.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<int64_t>& axes = context.constantIntegers(1);
  Shape result(shape.size() + axes.size(), 0);
  for (size_t dimension : dimensionsOf(context, axes, result.size())) result[dimension] = 1;
  size_t next = 0;
  for (int64_t& size : result) {
    if (size == 0) size = shape[next++];
  }
  return {result};
}

}  // namespace

/** New dimensions of size 1 at `axes`, counted in the result. ONNX Unsqueeze; a view. */
OperatorDefinition unsqueezeOperator() {
  OperatorDefinition definition;
  definition.opType = "Unsqueeze";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.constants = {1};
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3}), integerInput({1})}}, {{input({batch, 3}), integerInput({-1, 0})}}};
  };
  return definition;
}

}  // namespace deltalab
