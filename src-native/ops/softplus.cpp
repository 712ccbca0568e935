#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = log(1 + e^x). ONNX Softplus. */
OperatorDefinition softplusOperator() {
  OperatorDefinition definition = activationOperator<Activation::Softplus>("Softplus");
  definition.fusable = [](const NodeContext&, double&) { return Activation::Softplus; };
  return definition;
}

}  // namespace deltalab
