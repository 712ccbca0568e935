#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether a < b. 1 where it is so, 0 elsewhere. ONNX Less: NumPy broadcasting. */
OperatorDefinition lessOperator() { return statementOperator<Less>("Less"); }

}  // namespace deltalab
