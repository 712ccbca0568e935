#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether both hold. 1 where it is so, 0 elsewhere. ONNX And: NumPy broadcasting. */
OperatorDefinition andOperator() { return logicOperator<And>("And"); }

}  // namespace deltalab
