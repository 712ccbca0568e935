#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceMaxStep = ReduceStep<T, ExtremeKind<1>>;

}  // namespace

/** The largest element over dimensions; equal ones share the gradient. ONNX ReduceMax. */
OperatorDefinition reduceMaxOperator() {
  OperatorDefinition definition = reduceOperator("ReduceMax");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceMaxStep>();
  return definition;
}

}  // namespace deltalab
