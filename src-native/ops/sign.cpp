#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = 1, -1 or 0 by the sign of x; flat, so no gradient passes. ONNX Sign. */
OperatorDefinition signOperator() {
  return unaryOperator<Sign>("Sign");
}

}  // namespace deltalab
