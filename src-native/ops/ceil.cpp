#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Ceil : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return std::ceil(x);
  }
  template <class T>
  T slope(T, T) const {
    return T(0);
  }
};

}  // namespace

/** y = the smallest whole number that is not below x; flat, so no gradient passes. ONNX Ceil. */
OperatorDefinition ceilOperator() {
  return unaryOperator<Ceil>("Ceil");
}

}  // namespace deltalab
