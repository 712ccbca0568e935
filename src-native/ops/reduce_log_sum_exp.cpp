#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

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
