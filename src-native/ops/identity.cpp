#include "core/sample.h"
#include "table.h"

namespace deltalab {

/** y = x. ONNX Identity; a view. */
OperatorDefinition identityOperator() {
  OperatorDefinition definition;
  definition.opType = "Identity";
  definition.shapes = [](const NodeContext& context) { return std::vector<Shape>{context.shape(0)}; };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> { return {{{input({batch, 7})}}}; };
  return definition;
}

}  // namespace deltalab
