#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Round : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return std::nearbyint(x);
  }
  template <class T>
  T slope(T, T) const {
    return T(0);
  }
};

}  // namespace

/** y = the nearest whole number, halves to the even one; flat, so no gradient passes. ONNX Round. */
OperatorDefinition roundOperator() {
  return unaryOperator<Round>("Round");
}

}  // namespace deltalab
