#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& input = context.shape(0);
  const std::vector<int64_t>& wanted = context.constantIntegers(1);
  const auto failSize = [&] { context.failShape(toText(input) + " cannot be reshaped to " + toText(wanted)); };
  const int64_t total = static_cast<int64_t>(elementCount(input));
  const bool keepZero = context.integer("allowzero", 0) != 0;
  Shape result;
  int inferred = -1;
  int64_t known = 1;
  for (size_t i = 0; i < wanted.size(); ++i) {
    int64_t size = wanted[i];
    if (size == 0 && !keepZero) {
      if (i >= input.size()) context.failShape("a 0 copies a dimension that " + toText(input) + " does not have");
      size = input[i];
    }
    if (size == -1) {
      if (inferred >= 0) context.failShape("only one dimension of " + toText(wanted) + " can be -1");
      inferred = static_cast<int>(i);
      size = 1;
    } else if (size < 1) {
      context.failShape("the dimensions of " + toText(wanted) + " must be positive, 0 or -1");
    }
    // Sizes come from files: their product may be beyond any integer.
    if (size > total / known) failSize();
    known *= size;
    result.push_back(size);
  }
  if (inferred >= 0 && total % known == 0) result[static_cast<size_t>(inferred)] = total / known;
  if (static_cast<int64_t>(elementCount(result)) != total) failSize();
  return {result};
}

}  // namespace

/** The same elements under another shape: 0 copies a dimension, -1 is inferred. ONNX Reshape; a view. */
OperatorDefinition reshapeOperator() {
  OperatorDefinition definition;
  definition.opType = "Reshape";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.attributes = {"allowzero"};
  definition.constants = {1};
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3, 2}), integerInput({0, -1})}}, {{input({batch, 6}), integerInput({-1, 2, 3})}}};
  };
  return definition;
}

}  // namespace deltalab
