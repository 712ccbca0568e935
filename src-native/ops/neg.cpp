#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = -x. ONNX Neg. */
OperatorDefinition negOperator() {
  return unaryOperator<Neg>("Neg");
}

}  // namespace deltalab
