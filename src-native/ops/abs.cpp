#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = |x|; the slope at 0 is 0. ONNX Abs. */
OperatorDefinition absOperator() {
  return unaryOperator<Abs>("Abs");
}

}  // namespace deltalab
