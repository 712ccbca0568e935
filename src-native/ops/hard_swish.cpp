#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct HardSwish : KernelFunction {
  explicit HardSwish(const NodeContext&) : KernelFunction{ElementFunction::HardSwish} {}

  double value(double x) const {
    return x * std::fmax(0, std::fmin(1, x / 6 + 0.5));
  }
  double slope(double x, double) const {
    return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
  }
};

}  // namespace

/** y = x · max(0, min(1, x/6 + 1/2)). ONNX HardSwish. */
OperatorDefinition hardSwishOperator() {
  OperatorDefinition definition = unaryOperator<HardSwish>("HardSwish");
  // On both sides of the bends at -3 and 3.
  definition.samples = [](int64_t batch) { return unarySamples(batch, -4.5, 4.5); };
  return definition;
}

}  // namespace deltalab
