#include "reduce_step.h"

namespace deltalab {

namespace {

std::vector<int64_t> axesOf(const NodeContext& context) { return context.has(1) ? context.constantIntegers(1) : std::vector<int64_t>(); }

bool doesNothing(const NodeContext& context) { return axesOf(context).empty() && context.integer("noop_with_empty_axes", 0) != 0; }

}  // namespace

Shape Reduction::outputShape(const Shape& input) const {
  Shape result;
  for (size_t i = 0; i < input.size(); ++i) {
    if (!reduced[i]) result.push_back(input[i]);
    else if (keepDims) result.push_back(1);
  }
  return result;
}

Reduction reductionOf(const NodeContext& context) {
  const size_t rank = context.shape(0).size();
  const std::vector<int64_t> axes = axesOf(context);
  Reduction result;
  result.reduced.assign(rank, axes.empty() && !doesNothing(context));
  for (size_t dimension : dimensionsOf(context, axes, rank)) result.reduced[dimension] = true;
  result.keepDims = context.integer("keepdims", 1) != 0;
  return result;
}

std::vector<Shape> reducedShape(const NodeContext& context) { return {reductionOf(context).outputShape(context.shape(0))}; }

OperatorDefinition reduceOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.maxInputs = 2;
  definition.attributes = {"keepdims", "noop_with_empty_axes"};
  definition.constants = {1};
  definition.shapes = reducedShape;
  definition.viewIn = [](const NodeContext& context, ProgramMode) { return doesNothing(context); };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5}), integerInput({1})}, {number("keepdims", 0)}},
            {{input({batch, 3, 4}), integerInput({-2})}},
            {{input({3, batch, 2, 5}), integerInput({3, 0})}, {number("keepdims", 0)}},
            {{input({batch, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
