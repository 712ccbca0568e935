#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = ln x. ONNX Log. */
OperatorDefinition logOperator() {
  OperatorDefinition definition = unaryOperator<Log>("Log");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
