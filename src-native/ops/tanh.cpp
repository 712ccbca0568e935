#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = tanh(x). ONNX Tanh. */
OperatorDefinition tanhOperator() {
  OperatorDefinition definition = activationOperator<Activation::Tanh>("Tanh");
  definition.fusable = [](const NodeContext&, double&) { return Activation::Tanh; };
  return definition;
}

}  // namespace deltalab
