#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** Σ e^(x - largest), with the largest so far: no power overflows. */
struct Powers {
  double largest = -std::numeric_limits<double>::infinity();
  double sum = 0;
};

struct ReduceLogSumExp : SlopeKind {
  template <class T>
  using Total = Powers;
  template <class T>
  static Powers start() {
    return {};
  }
  template <class T>
  static Powers add(Powers total, T x) {
    return join(total, {static_cast<double>(x), 1});
  }
  static Powers join(Powers a, Powers b) {
    if (b.sum == 0) return a;
    if (a.sum == 0) return b;
    // Two infinities of one sign have no difference.
    if (a.largest == b.largest) return {a.largest, a.sum + b.sum};
    if (a.largest < b.largest) std::swap(a, b);
    return {a.largest, a.sum + b.sum * std::exp(b.largest - a.largest)};
  }
  template <class T>
  static T result(const Powers& total, size_t) {
    return static_cast<T>(total.largest + std::log(total.sum));
  }
  template <class T>
  static T slope(T x, T y) {
    return std::exp(x - y);
  }
};

template <class T>
using ReduceLogSumExpStep = ReduceStep<T, ReduceLogSumExp>;

}  // namespace

/** Logarithms of the sums of e^x over dimensions: a smooth maximum. ONNX ReduceLogSumExp. */
OperatorDefinition reduceLogSumExpOperator() {
  OperatorDefinition definition = reduceOperator("ReduceLogSumExp");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceLogSumExpStep>();
  return definition;
}

}  // namespace deltalab
