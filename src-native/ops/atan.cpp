#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Atan : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  T value(T x) const {
    return std::atan(x);
  }
  template <class T>
  T slope(T x, T) const {
    return 1 / (1 + x * x);
  }
};

}  // namespace

/** y = the angle in radians whose tangent is x. ONNX Atan. */
OperatorDefinition atanOperator() {
  return unaryOperator<Atan>("Atan");
}

}  // namespace deltalab
