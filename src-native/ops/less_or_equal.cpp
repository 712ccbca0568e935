#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether a <= b. 1 where it is so, 0 elsewhere. ONNX LessOrEqual: NumPy broadcasting. */
OperatorDefinition lessOrEqualOperator() { return statementOperator<LessOrEqual>("LessOrEqual"); }

}  // namespace deltalab
