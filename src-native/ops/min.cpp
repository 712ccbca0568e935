#include "table.h"
#include "variadic_step.h"

namespace deltalab {

/** y = the smallest of the inputs, element by element; equal ones share the gradient. ONNX Min: NumPy broadcasting. */
OperatorDefinition minOperator() { return variadicOperator<ExtremeInput<-1>>("Min"); }

}  // namespace deltalab
