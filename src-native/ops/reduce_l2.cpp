#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

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
