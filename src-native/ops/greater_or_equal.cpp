#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether a >= b. 1 where it is so, 0 elsewhere. ONNX GreaterOrEqual: NumPy broadcasting. */
OperatorDefinition greaterOrEqualOperator() { return statementOperator<GreaterOrEqual>("GreaterOrEqual"); }

}  // namespace deltalab
