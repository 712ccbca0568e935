#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& input = context.shape(0);
  const int64_t rank = static_cast<int64_t>(input.size());
  const int64_t axis = context.axis(1, rank, rank);
  int64_t rows = 1, columns = 1;
  for (int64_t i = 0; i < rank; ++i) (i < axis ? rows : columns) *= input[static_cast<size_t>(i)];
  return {{rows, columns}};
}

}  // namespace

/** To a matrix: dimensions before `axis` (1 unless given) become the rows, the others the columns. ONNX Flatten; a view. */
OperatorDefinition flattenOperator() {
  OperatorDefinition definition;
  definition.opType = "Flatten";
  definition.attributes = {"axis"};
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3, 2})}}, {{input({batch, 3, 2})}, {number("axis", -1)}}};
  };
  return definition;
}

}  // namespace deltalab
