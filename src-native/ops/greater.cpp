#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether a > b. 1 where it is so, 0 elsewhere. ONNX Greater: NumPy broadcasting. */
OperatorDefinition greaterOperator() { return statementOperator<Greater>("Greater"); }

}  // namespace deltalab
