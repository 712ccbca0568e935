#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Tan : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  T value(T x) const {
    return std::tan(x);
  }
  template <class T>
  T slope(T, T y) const {
    return 1 + y * y;
  }
};

}  // namespace

/** y = tan x, x in radians. ONNX Tan. */
OperatorDefinition tanOperator() {
  return unaryOperator<Tan>("Tan");
}

}  // namespace deltalab
