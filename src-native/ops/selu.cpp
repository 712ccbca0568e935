#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** y = gamma·x above 0, gamma·alpha·(e^x - 1) below. ONNX Selu, whose defaults keep mean 0 and variance 1. */
OperatorDefinition seluOperator() {
  OperatorDefinition definition = unaryOperator<Selu>("Selu");
  definition.attributes = {"alpha", "gamma"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", 1.3), number("gamma", 0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
