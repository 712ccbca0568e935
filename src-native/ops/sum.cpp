#include "table.h"
#include "variadic_step.h"

namespace deltalab {

/** y = the sum of the inputs. ONNX Sum: NumPy broadcasting. */
OperatorDefinition sumOperator() { return variadicOperator<SumInputs>("Sum"); }

}  // namespace deltalab
