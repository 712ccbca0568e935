#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Exp : KernelFunction {
  explicit Exp(const NodeContext&) : KernelFunction{ElementFunction::Exp} {}

  double value(double x) const {
    return std::exp(x);
  }
  double slope(double x, double) const {
    return std::exp(x);
  }
};

}  // namespace

/** y = e^x. ONNX Exp. */
OperatorDefinition expOperator() {
  return unaryOperator<Exp>("Exp");
}

}  // namespace deltalab
