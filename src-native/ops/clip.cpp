#include <cmath>
#include <limits>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = x, but at least input 2 and at most input 3, where they are given. ONNX Clip. */
OperatorDefinition clipOperator() {
  OperatorDefinition definition = unaryOperator<Clip>("Clip");
  definition.maxInputs = 3;
  definition.constants = {1, 2};
  definition.shapes = [](const NodeContext& context) {
    const Clip limits(context);
    if (std::isnan(limits.low) || std::isnan(limits.high)) context.failShape("a limit is not a number");
    return sameShape(context);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 7}), constantInput({}, {-0.5}), constantInput({}, {1.25})}},
            {{input({batch, 2, 3}), omittedInput(), constantInput({}, {0.75})}},
            {{input({batch, 5}), constantInput({}, {-1})}}};
  };
  return definition;
}

}  // namespace deltalab
