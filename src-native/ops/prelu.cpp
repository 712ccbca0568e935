#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = x for x >= 0, slope · x below; the slope is a weight that spreads to x. ONNX PRelu. */
OperatorDefinition preluOperator() {
  OperatorDefinition definition = binaryOperator<PRelu>("PRelu");
  definition.shapes = [](const NodeContext& context) {
    if (!broadcastsTo(context.shape(1), context.shape(0))) {
      context.failShape("the slope of shape " + toText(context.shape(1)) + " does not spread to " + toText(context.shape(0)));
    }
    return std::vector<Shape>{context.shape(0)};
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5}), input({1})}}, {{input({batch, 3, 4}), input({3, 1})}}, {{input({batch, 3}), input({batch, 3})}}};
  };
  return definition;
}

}  // namespace deltalab
