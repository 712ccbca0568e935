#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = sin x, x in radians. ONNX Sin. */
OperatorDefinition sinOperator() {
  return unaryOperator<Sin>("Sin");
}

}  // namespace deltalab
