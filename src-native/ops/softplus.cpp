#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = log(1 + e^x). ONNX Softplus. */
const OperatorDefinition& softplusOperator() {
  static const OperatorDefinition definition{
      "Softplus",
      Device::Cpu,
      1,
      1,
      {},
      sameShape,
      [](const NodeContext&) { return BackwardReads{false, true}; },
      createActivation<float, Activation::Softplus>,
      createActivation<double, Activation::Softplus>,
      [](const NodeContext&, double&) { return Activation::Softplus; }};
  return definition;
}

}  // namespace deltalab
