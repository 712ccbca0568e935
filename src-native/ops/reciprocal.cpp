#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Reciprocal : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  T value(T x) const {
    return 1 / x;
  }
  template <class T>
  T slope(T, T y) const {
    return -y * y;
  }
};

}  // namespace

/** y = 1 / x. ONNX Reciprocal. */
OperatorDefinition reciprocalOperator() {
  OperatorDefinition definition = unaryOperator<Reciprocal>("Reciprocal");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
