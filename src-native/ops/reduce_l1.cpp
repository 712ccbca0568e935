#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct ReduceL1 : SlopeKind {
  template <class T>
  static double add(double total, T x) {
    return total + std::fabs(static_cast<double>(x));
  }
  template <class T>
  static T result(double total, size_t) {
    return static_cast<T>(total);
  }
  template <class T>
  static T slope(T x, T) {
    return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
  }
};

template <class T>
using ReduceL1Step = ReduceStep<T, ReduceL1>;

}  // namespace

/** Sums of absolute values over dimensions. ONNX ReduceL1. */
OperatorDefinition reduceL1Operator() {
  OperatorDefinition definition = reduceOperator("ReduceL1");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceL1Step>();
  return definition;
}

}  // namespace deltalab
