#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Selu : KernelFunction {
  // The defaults of ONNX, which are floats.
  explicit Selu(const NodeContext& context) : KernelFunction{ElementFunction::Selu} {
    p = context.number("gamma", 1.05070102214813232421875);
    q = p * context.number("alpha", 1.67326319217681884765625);
  }

  double value(double x) const {
    return x > 0 ? p * x : q * std::expm1(x);
  }
  double slope(double x, double) const {
    return x > 0 ? p : q * std::exp(x);
  }
};

}  // namespace

/** y = gamma·x above 0, gamma·alpha·(e^x - 1) below. ONNX Selu, whose defaults keep mean 0 and variance 1. */
OperatorDefinition seluOperator() {
  OperatorDefinition definition = unaryOperator<Selu>("Selu");
  definition.attributes = {"alpha", "gamma"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", 1.3), number("gamma", 0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
