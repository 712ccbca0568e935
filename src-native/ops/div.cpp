#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = a / b. ONNX Div: NumPy broadcasting. */
OperatorDefinition divOperator() {
  OperatorDefinition definition = binaryOperator<Div>("Div");
  // Divisors away from 0.
  definition.samples = [](int64_t batch) { return broadcastSamples(batch, 0.5, 2); };
  return definition;
}

}  // namespace deltalab
