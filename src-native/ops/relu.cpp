#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = max(x, 0). ONNX Relu. */
OperatorDefinition reluOperator() {
  OperatorDefinition definition = activationOperator<Activation::Relu>("Relu");
  definition.fusable = [](const NodeContext&, double&) { return Activation::Relu; };
  return definition;
}

}  // namespace deltalab
