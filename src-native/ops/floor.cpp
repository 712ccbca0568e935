#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = the largest whole number that is not above x; flat, so no gradient passes. ONNX Floor. */
OperatorDefinition floorOperator() {
  return unaryOperator<Floor>("Floor");
}

}  // namespace deltalab
