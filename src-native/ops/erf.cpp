#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Erf : KernelFunction {
  explicit Erf(const NodeContext&) : KernelFunction{ElementFunction::Erf} {}

  double value(double x) const {
    return std::erf(x);
  }
  double slope(double x, double) const {
    return 1.1283791670955126 * std::exp(-x * x);  // 2/√π
  }
};

}  // namespace

/** y = 2/√π · ∫ e^(-t²) dt from 0 to x. ONNX Erf. */
OperatorDefinition erfOperator() {
  return unaryOperator<Erf>("Erf");
}

}  // namespace deltalab
