#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = 1 / (1 + e^-x). ONNX Sigmoid. */
const OperatorDefinition& sigmoidOperator() {
  static const OperatorDefinition definition{
      "Sigmoid",
      Device::Cpu,
      1,
      1,
      {},
      sameShape,
      [](const NodeContext&) { return BackwardReads{false, true}; },
      createActivation<float, Activation::Sigmoid>,
      createActivation<double, Activation::Sigmoid>,
      [](const NodeContext&, double&) { return Activation::Sigmoid; }};
  return definition;
}

}  // namespace deltalab
