#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = max(0, min(1, alpha·x + beta)); alpha 0.2, beta 0.5 unless given. ONNX HardSigmoid. */
OperatorDefinition hardSigmoidOperator() {
  OperatorDefinition definition = unaryOperator<HardSigmoid>("HardSigmoid");
  definition.attributes = {"alpha", "beta"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9}, -4, 4)}}, {{input({batch, 2, 3})}, {number("alpha", 0.7), number("beta", 0.3)}}};
  };
  return definition;
}

}  // namespace deltalab
