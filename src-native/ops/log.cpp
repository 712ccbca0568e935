#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Log : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  T value(T x) const {
    return std::log(x);
  }
  template <class T>
  T slope(T x, T) const {
    return 1 / x;
  }
};

}  // namespace

/** y = ln x. ONNX Log. */
OperatorDefinition logOperator() {
  OperatorDefinition definition = unaryOperator<Log>("Log");
  // Away from 0, where it ends.
  definition.samples = [](int64_t batch) { return unarySamples(batch, 0.4, 3); };
  return definition;
}

}  // namespace deltalab
