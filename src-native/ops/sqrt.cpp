#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Sqrt : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  T value(T x) const {
    return std::sqrt(x);
  }
  template <class T>
  T slope(T, T y) const {
    return T(0.5) / y;
  }
};

}  // namespace

/** y = √x. ONNX Sqrt. */
OperatorDefinition sqrtOperator() {
  OperatorDefinition definition = unaryOperator<Sqrt>("Sqrt");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
