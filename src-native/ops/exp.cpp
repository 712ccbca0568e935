#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = e^x. ONNX Exp. */
OperatorDefinition expOperator() {
  return unaryOperator<Exp>("Exp");
}

}  // namespace deltalab
