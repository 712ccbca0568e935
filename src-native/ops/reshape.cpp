#include "table.h"

namespace deltalab {

namespace {

Shape shapeOf(const NodeContext& context) {
  const Shape& input = context.shape(0);
  const Initializer* wanted = context.initializers[1];
  if (!wanted || !wanted->integer || wanted->dims.size() != 1) {
    context.failShape("the new shape must be a constant list of int64");
  }
  const auto failSize = [&] { context.failShape(toText(input) + " cannot be reshaped to " + toText(wanted->integers)); };
  const int64_t total = static_cast<int64_t>(elementCount(input));
  const bool keepZero = context.integer("allowzero", 0) != 0;
  Shape result;
  int inferred = -1;
  int64_t known = 1;
  for (size_t i = 0; i < wanted->integers.size(); ++i) {
    int64_t size = wanted->integers[i];
    if (size == 0 && !keepZero) {
      if (i >= input.size()) context.failShape("a 0 copies a dimension that " + toText(input) + " does not have");
      size = input[i];
    }
    if (size == -1) {
      if (inferred >= 0) context.failShape("only one dimension of " + toText(wanted->integers) + " can be -1");
      inferred = static_cast<int>(i);
      size = 1;
    } else if (size < 1) {
      context.failShape("the dimensions of " + toText(wanted->integers) + " must be positive, 0 or -1");
    }
    // Sizes come from files: their product may be beyond any integer.
    if (size > total / known) failSize();
    known *= size;
    result.push_back(size);
  }
  if (inferred >= 0 && total % known == 0) result[static_cast<size_t>(inferred)] = total / known;
  if (static_cast<int64_t>(elementCount(result)) != total) failSize();
  return result;
}

}  // namespace

/** The same elements under another shape: 0 copies a dimension, -1 is inferred. ONNX Reshape; a view. */
const OperatorDefinition& reshapeOperator() {
  static const OperatorDefinition definition{
      "Reshape", Device::Cpu, 2, 2, {"allowzero"}, shapeOf, [](const NodeContext&) { return BackwardReads{}; }, nullptr,
      nullptr};
  return definition;
}

}  // namespace deltalab
