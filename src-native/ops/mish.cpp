#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x · tanh(log(1 + e^x)). ONNX Mish. */
OperatorDefinition mishOperator() {
  return unaryOperator<Mish>("Mish");
}

}  // namespace deltalab
