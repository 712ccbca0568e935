#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Sin : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  T value(T x) const {
    return std::sin(x);
  }
  template <class T>
  T slope(T x, T) const {
    return std::cos(x);
  }
};

}  // namespace

/** y = sin x, x in radians. ONNX Sin. */
OperatorDefinition sinOperator() {
  return unaryOperator<Sin>("Sin");
}

}  // namespace deltalab
