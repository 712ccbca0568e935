#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = a - b. ONNX Sub: NumPy broadcasting. */
OperatorDefinition subOperator() {
  OperatorDefinition definition = binaryOperator<Sub>("Sub");
  return definition;
}

}  // namespace deltalab
