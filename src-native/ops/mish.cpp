#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Mish : KernelFunction {
  explicit Mish(const NodeContext&) : KernelFunction{ElementFunction::Mish} {}

  double value(double x) const {
    return x * std::tanh(activationValue(Activation::Softplus, x, 0.0));
  }
  double slope(double x, double) const {
    const double t = std::tanh(activationValue(Activation::Softplus, x, 0.0));
    return t + x * (1 - t * t) * activationValue(Activation::Sigmoid, x, 0.0);
  }
};

}  // namespace

/** y = x · tanh(log(1 + e^x)). ONNX Mish. */
OperatorDefinition mishOperator() {
  return unaryOperator<Mish>("Mish");
}

}  // namespace deltalab
