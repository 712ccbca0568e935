#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x above 0, alpha·(e^(x/alpha) - 1) below; alpha 1 unless given. ONNX Celu. */
OperatorDefinition celuOperator() {
  OperatorDefinition definition = unaryOperator<Celu>("Celu");
  definition.attributes = {"alpha"};
  definition.shapes = [](const NodeContext& context) {
    if (context.number("alpha", 1) == 0) context.failAttribute("alpha", "0 is not possible, x is divided by it");
    return sameShape(context);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", 0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
