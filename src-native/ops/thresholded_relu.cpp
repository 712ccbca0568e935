#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x where x > alpha (1 unless given), 0 elsewhere. ONNX ThresholdedRelu. */
OperatorDefinition thresholdedReluOperator() {
  OperatorDefinition definition = unaryOperator<ThresholdedRelu>("ThresholdedRelu");
  definition.attributes = {"alpha"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", -0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
