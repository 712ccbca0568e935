#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = 2/√π · ∫ e^(-t²) dt from 0 to x. ONNX Erf. */
OperatorDefinition erfOperator() {
  return unaryOperator<Erf>("Erf");
}

}  // namespace deltalab
