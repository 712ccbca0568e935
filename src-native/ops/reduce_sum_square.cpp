#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct ReduceSumSquare : SlopeKind {
  template <class T>
  static double add(double total, T x) {
    return total + static_cast<double>(x) * static_cast<double>(x);
  }
  template <class T>
  static T result(double total, size_t) {
    return static_cast<T>(total);
  }
  template <class T>
  static T slope(T x, T) {
    return 2 * x;
  }
};

template <class T>
using ReduceSumSquareStep = ReduceStep<T, ReduceSumSquare>;

}  // namespace

/** Sums of squares over dimensions. ONNX ReduceSumSquare. */
OperatorDefinition reduceSumSquareOperator() {
  OperatorDefinition definition = reduceOperator("ReduceSumSquare");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceSumSquareStep>();
  return definition;
}

}  // namespace deltalab
