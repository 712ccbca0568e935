#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Sign : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
  }
  template <class T>
  T slope(T, T) const {
    return T(0);
  }
};

}  // namespace

/** y = 1, -1 or 0 by the sign of x; flat, so no gradient passes. ONNX Sign. */
OperatorDefinition signOperator() {
  return unaryOperator<Sign>("Sign");
}

}  // namespace deltalab
