#include "table.h"
#include "variadic_step.h"

namespace deltalab {

/** y = the mean of the inputs. ONNX Mean: NumPy broadcasting. */
OperatorDefinition meanOperator() { return variadicOperator<MeanInputs>("Mean"); }

}  // namespace deltalab
