#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = a · b. ONNX Mul: NumPy broadcasting. */
OperatorDefinition mulOperator() {
  OperatorDefinition definition = binaryOperator<Mul>("Mul");
  return definition;
}

}  // namespace deltalab
