#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

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
