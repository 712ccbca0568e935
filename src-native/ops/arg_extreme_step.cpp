#include "arg_extreme_step.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  Shape shape = context.shape(0);
  const int64_t rank = static_cast<int64_t>(shape.size());
  if (rank == 0) context.failShape("a scalar has no axis");
  const auto axis = static_cast<std::ptrdiff_t>(context.axis(0, rank, rank - 1));
  if (context.integer("keepdims", 1) != 0) shape[static_cast<size_t>(axis)] = 1;
  else shape.erase(shape.begin() + axis);
  return {shape};
}

}  // namespace

OperatorDefinition argExtremeOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.attributes = {"axis", "keepdims", "select_last_index"};
  definition.differentiableOutputs = 0;
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    SampleInput ties = input({batch, 4});
    for (int64_t i = 0; i < 4 * batch; ++i) ties.values.push_back(static_cast<double>(i * i % 3));
    return {{{input({batch, 5})}, {number("axis", 1), number("keepdims", 0)}},
            {{input({batch, 3, 4})}, {number("axis", -2)}},
            {{ties}, {number("axis", 1), number("select_last_index", 1)}},
            {{ties}, {number("axis", 1)}},
            {{input({5, batch})}}};
  };
  return definition;
}

}  // namespace deltalab
