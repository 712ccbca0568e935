#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct ReduceL2 : SlopeKind {
  template <class T>
  static double add(double total, T x) {
    return total + static_cast<double>(x) * static_cast<double>(x);
  }
  template <class T>
  static T result(double total, size_t) {
    return static_cast<T>(std::sqrt(total));
  }
  template <class T>
  static T slope(T x, T y) {
    return y > 0 ? x / y : T(0);
  }
};

template <class T>
using ReduceL2Step = ReduceStep<T, ReduceL2>;

}  // namespace

/** Roots of the sums of squares over dimensions; the slope at 0 is 0. ONNX ReduceL2. */
OperatorDefinition reduceL2Operator() {
  OperatorDefinition definition = reduceOperator("ReduceL2");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceL2Step>();
  return definition;
}

}  // namespace deltalab
