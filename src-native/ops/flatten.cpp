#include "table.h"

namespace deltalab {

namespace {

Shape shapeOf(const NodeContext& context) {
  const Shape& input = context.shape(0);
  const int64_t rank = static_cast<int64_t>(input.size());
  const int64_t axis = context.axis(1, rank, rank);
  int64_t rows = 1, columns = 1;
  for (int64_t i = 0; i < rank; ++i) (i < axis ? rows : columns) *= input[static_cast<size_t>(i)];
  return {rows, columns};
}

}  // namespace

/** To a matrix: dimensions before `axis` (1 unless given) become the rows, the others the columns. ONNX Flatten; a view. */
const OperatorDefinition& flattenOperator() {
  static const OperatorDefinition definition{
      "Flatten", Device::Cpu, 1, 1, {"axis"}, shapeOf, [](const NodeContext&) { return BackwardReads{}; }, nullptr,
      nullptr};
  return definition;
}

}  // namespace deltalab
