#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x · max(0, min(1, x/6 + 1/2)). ONNX HardSwish. */
OperatorDefinition hardSwishOperator() {
  OperatorDefinition definition = unaryOperator<HardSwish>("HardSwish");
  // On both sides of the bends at -3 and 3.
  definition.samples = [](int64_t batch) { return unarySamples(batch, -4.5, 4.5); };
  return definition;
}

}  // namespace deltalab
