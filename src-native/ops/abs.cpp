#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Abs : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  T value(T x) const {
    return std::fabs(x);
  }
  template <class T>
  T slope(T x, T) const {
    return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
  }
};

}  // namespace

/** y = |x|; the slope at 0 is 0. ONNX Abs. */
OperatorDefinition absOperator() {
  return unaryOperator<Abs>("Abs");
}

}  // namespace deltalab
