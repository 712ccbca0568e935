#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Cos : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  T value(T x) const {
    return std::cos(x);
  }
  template <class T>
  T slope(T x, T) const {
    return -std::sin(x);
  }
};

}  // namespace

/** y = cos x, x in radians. ONNX Cos. */
OperatorDefinition cosOperator() {
  return unaryOperator<Cos>("Cos");
}

}  // namespace deltalab
