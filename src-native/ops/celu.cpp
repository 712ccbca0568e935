#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Celu {
  static constexpr bool kHasKernel = false;
  static constexpr BackwardReads kReads{true, false};

  explicit Celu(const NodeContext& context) : alpha(context.number("alpha", 1)) {}

  template <class T>
  T value(T x) const {
    const T a = static_cast<T>(alpha);
    return x > 0 ? x : a * std::expm1(x / a);
  }
  template <class T>
  T slope(T x, T) const {
    return x > 0 ? T(1) : std::exp(x / static_cast<T>(alpha));
  }

  double alpha;
};

}  // namespace

/** y = x above 0, alpha·(e^(x/alpha) - 1) below; alpha 1 unless given. ONNX Celu. */
OperatorDefinition celuOperator() {
  OperatorDefinition definition = unaryOperator<Celu>("Celu");
  definition.attributes = {"alpha"};
  definition.shapes = [](const NodeContext& context) {
    if (context.number("alpha", 1) == 0) context.failAttribute("alpha", "0 is not possible, x is divided by it");
    return sameShape(context);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9})}}, {{input({batch, 2, 3})}, {number("alpha", 0.6)}}};
  };
  return definition;
}

}  // namespace deltalab
