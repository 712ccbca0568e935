#include "table.h"
#include "variadic_step.h"

namespace deltalab {

/** y = the largest of the inputs, element by element; equal ones share the gradient. ONNX Max: NumPy broadcasting. */
OperatorDefinition maxOperator() { return variadicOperator<ExtremeInput<1>>("Max"); }

}  // namespace deltalab
