#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x / (1 + |x|). ONNX Softsign. */
OperatorDefinition softsignOperator() {
  return unaryOperator<Softsign>("Softsign");
}

}  // namespace deltalab
