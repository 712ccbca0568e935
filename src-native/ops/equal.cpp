#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether a = b. 1 where it is so, 0 elsewhere. ONNX Equal: NumPy broadcasting. */
OperatorDefinition equalOperator() { return statementOperator<Equal>("Equal"); }

}  // namespace deltalab
