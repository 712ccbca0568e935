#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = the angle in radians whose tangent is x. ONNX Atan. */
OperatorDefinition atanOperator() {
  return unaryOperator<Atan>("Atan");
}

}  // namespace deltalab
