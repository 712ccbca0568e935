#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct ThresholdedRelu {
  static constexpr bool kHasKernel = false;
  static constexpr BackwardReads kReads{true, false};

  explicit ThresholdedRelu(const NodeContext& context) : alpha(context.number("alpha", 1)) {}

  template <class T>
  T value(T x) const {
    return x > static_cast<T>(alpha) || std::isnan(x) ? x : T(0);
  }
  template <class T>
  T slope(T x, T) const {
    return x > static_cast<T>(alpha) ? T(1) : T(0);
  }

  double alpha;
};

}  // namespace

/** y = x where x > alpha (1 unless given), 0 elsewhere. ONNX ThresholdedRelu. */
OperatorDefinition thresholdedReluOperator() {
  OperatorDefinition definition = unaryOperator<ThresholdedRelu>("ThresholdedRelu");
  definition.attributes = {"alpha"};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", -0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
