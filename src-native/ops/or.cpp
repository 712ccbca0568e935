#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether one of both holds. 1 where it is so, 0 elsewhere. ONNX Or: NumPy broadcasting. */
OperatorDefinition orOperator() { return logicOperator<Or>("Or"); }

}  // namespace deltalab
