#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = the smallest whole number that is not below x; flat, so no gradient passes. ONNX Ceil. */
OperatorDefinition ceilOperator() {
  return unaryOperator<Ceil>("Ceil");
}

}  // namespace deltalab
