#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = 1 / x. ONNX Reciprocal. */
OperatorDefinition reciprocalOperator() {
  OperatorDefinition definition = unaryOperator<Reciprocal>("Reciprocal");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
