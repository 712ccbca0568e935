#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = a + b. ONNX Add: NumPy broadcasting. */
OperatorDefinition addOperator() {
  OperatorDefinition definition = binaryOperator<Add>("Add");
  return definition;
}

}  // namespace deltalab
