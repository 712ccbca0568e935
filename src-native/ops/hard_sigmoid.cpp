#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct HardSigmoid : KernelFunction {
  explicit HardSigmoid(const NodeContext& context)
      : KernelFunction{ElementFunction::HardSigmoid, context.number("alpha", 0.2), context.number("beta", 0.5)} {}

  double value(double x) const {
    return std::fmax(0, std::fmin(1, p * x + q));
  }
  double slope(double x, double) const {
    const double inner = p * x + q;
    return inner > 0 && inner < 1 ? p : 0;
  }
};

}  // namespace

/** y = max(0, min(1, alpha·x + beta)); alpha 0.2, beta 0.5 unless given. ONNX HardSigmoid. */
OperatorDefinition hardSigmoidOperator() {
  OperatorDefinition definition = unaryOperator<HardSigmoid>("HardSigmoid");
  definition.attributes = {"alpha", "beta"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9}, -4, 4)}}, {{input({batch, 2, 3})}, {number("alpha", 0.7), number("beta", 0.3)}}};
  };
  return definition;
}

}  // namespace deltalab
