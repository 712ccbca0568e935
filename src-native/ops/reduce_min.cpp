#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceMinStep = ReduceStep<T, ExtremeKind<-1>>;

}  // namespace

/** The smallest element over dimensions; equal ones share the gradient. ONNX ReduceMin. */
OperatorDefinition reduceMinOperator() {
  OperatorDefinition definition = reduceOperator("ReduceMin");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceMinStep>();
  return definition;
}

}  // namespace deltalab
