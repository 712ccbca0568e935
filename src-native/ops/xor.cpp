#include "logic_step.h"
#include "table.h"

namespace deltalab {

/** Whether exactly one of both holds. 1 where it is so, 0 elsewhere. ONNX Xor: NumPy broadcasting. */
OperatorDefinition xorOperator() { return logicOperator<Xor>("Xor"); }

}  // namespace deltalab
