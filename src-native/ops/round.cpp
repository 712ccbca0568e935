#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = the nearest whole number, halves to the even one; flat, so no gradient passes. ONNX Round. */
OperatorDefinition roundOperator() {
  return unaryOperator<Round>("Round");
}

}  // namespace deltalab
