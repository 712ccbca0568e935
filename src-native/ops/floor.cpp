#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Floor : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return std::floor(x);
  }
  template <class T>
  T slope(T, T) const {
    return T(0);
  }
};

}  // namespace

/** y = the largest whole number that is not above x; flat, so no gradient passes. ONNX Floor. */
OperatorDefinition floorOperator() {
  return unaryOperator<Floor>("Floor");
}

}  // namespace deltalab
