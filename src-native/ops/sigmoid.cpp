#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = 1 / (1 + e^-x). ONNX Sigmoid. */
OperatorDefinition sigmoidOperator() {
  OperatorDefinition definition = activationOperator<Activation::Sigmoid>("Sigmoid");
  definition.fusable = [](const NodeContext&, double&) { return Activation::Sigmoid; };
  return definition;
}

}  // namespace deltalab
