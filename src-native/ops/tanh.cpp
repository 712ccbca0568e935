#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = tanh(x). ONNX Tanh. */
const OperatorDefinition& tanhOperator() {
  static const OperatorDefinition definition{
      "Tanh",
      Device::Cpu,
      1,
      1,
      {},
      sameShape,
      [](const NodeContext&) { return BackwardReads{false, true}; },
      createActivation<float, Activation::Tanh>,
      createActivation<double, Activation::Tanh>,
      [](const NodeContext&, double&) { return Activation::Tanh; }};
  return definition;
}

}  // namespace deltalab
