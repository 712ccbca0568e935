#include "axes.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  std::vector<bool> dropped(shape.size(), false);
  if (context.has(1)) {
    for (size_t dimension : dimensionsOf(context, context.constantIntegers(1), shape.size())) {
      if (shape[dimension] != 1) {
        context.failShape("dimension " + std::to_string(dimension) + " of " + toText(shape) + " is not 1 and cannot be left out");
      }
      dropped[dimension] = true;
    }
  } else {
    for (size_t i = 0; i < shape.size(); ++i) dropped[i] = shape[i] == 1;
  }
  Shape result;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (!dropped[i]) result.push_back(shape[i]);
  }
  return {result};
}

}  // namespace

/** Leaves out dimensions of size 1: those of `axes`, or all. ONNX Squeeze; a view. */
OperatorDefinition squeezeOperator() {
  OperatorDefinition definition;
  definition.opType = "Squeeze";
  definition.maxInputs = 2;
  definition.constants = {1};
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 1, 3, 1}), integerInput({-1})}}, {{input({batch, 1, 3, 1}), integerInput({1, 3})}}, {{input({batch, 1, 3})}}};
  };
  return definition;
}

}  // namespace deltalab
