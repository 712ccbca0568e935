#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceSumStep = ReduceStep<T, SumKind<false>>;

}  // namespace

/** Sums over dimensions. ONNX ReduceSum. */
OperatorDefinition reduceSumOperator() {
  OperatorDefinition definition = reduceOperator("ReduceSum");
  definition.useSteps<ReduceSumStep>();
  return definition;
}

}  // namespace deltalab
