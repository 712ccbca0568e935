#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

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
