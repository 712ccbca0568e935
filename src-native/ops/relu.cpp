#include "activation_step.h"
#include "table.h"

namespace deltalab {

/** y = max(x, 0). ONNX Relu. */
const OperatorDefinition& reluOperator() {
  static const OperatorDefinition definition{
      "Relu",
      Device::Cpu,
      1,
      1,
      {},
      sameShape,
      [](const NodeContext&) { return BackwardReads{false, true}; },
      createActivation<float, Activation::Relu>,
      createActivation<double, Activation::Relu>,
      [](const NodeContext&, double&) { return Activation::Relu; }};
  return definition;
}

}  // namespace deltalab
