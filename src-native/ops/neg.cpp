#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Neg : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return -x;
  }
  template <class T>
  T slope(T, T) const {
    return T(-1);
  }
};

}  // namespace

/** y = -x. ONNX Neg. */
OperatorDefinition negOperator() {
  return unaryOperator<Neg>("Neg");
}

}  // namespace deltalab
