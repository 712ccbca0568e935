#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = √x. ONNX Sqrt. */
OperatorDefinition sqrtOperator() {
  OperatorDefinition definition = unaryOperator<Sqrt>("Sqrt");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
