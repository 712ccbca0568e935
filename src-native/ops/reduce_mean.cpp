#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceMeanStep = ReduceStep<T, SumKind<true>>;

}  // namespace

/** Means over dimensions. ONNX ReduceMean. */
OperatorDefinition reduceMeanOperator() {
  OperatorDefinition definition = reduceOperator("ReduceMean");
  definition.useSteps<ReduceMeanStep>();
  return definition;
}

}  // namespace deltalab
