#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = cos x, x in radians. ONNX Cos. */
OperatorDefinition cosOperator() {
  return unaryOperator<Cos>("Cos");
}

}  // namespace deltalab
