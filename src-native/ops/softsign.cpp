#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Softsign : KernelFunction {
  explicit Softsign(const NodeContext&) : KernelFunction{ElementFunction::Softsign} {}

  double value(double x) const {
    return x / (1 + std::fabs(x));
  }
  double slope(double x, double) const {
    return 1 / ((1 + std::fabs(x)) * (1 + std::fabs(x)));
  }
};

}  // namespace

/** y = x / (1 + |x|). ONNX Softsign. */
OperatorDefinition softsignOperator() {
  return unaryOperator<Softsign>("Softsign");
}

}  // namespace deltalab
