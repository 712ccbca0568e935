#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x · Φ(x), Φ being the normal distribution function, or its approximation by tanh. ONNX Gelu. */
OperatorDefinition geluOperator() {
  OperatorDefinition definition = unaryOperator<Gelu>("Gelu");
  definition.attributes = {"approximate"};
  definition.shapes = [](const NodeContext& context) {
    Gelu::isTanh(context);
    return sameShape(context);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9}, -3, 3)}}, {{input({batch, 2, 3})}, {text("approximate", "tanh")}}};
  };
  return definition;
}

}  // namespace deltalab
