#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = tan x, x in radians. ONNX Tan. */
OperatorDefinition tanOperator() {
  return unaryOperator<Tan>("Tan");
}

}  // namespace deltalab
