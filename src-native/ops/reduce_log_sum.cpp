#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceLogSumStep = ReduceStep<T, ReduceLogSum>;

}  // namespace

/** Logarithms of sums over dimensions. ONNX ReduceLogSum. */
OperatorDefinition reduceLogSumOperator() {
  OperatorDefinition definition = reduceOperator("ReduceLogSum");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceLogSumStep>();
  // Of positive numbers only.
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5}, 0.5, 2), integerInput({1})}, {number("keepdims", 0)}},
            {{input({3, batch, 2, 5}, 0.5, 2), integerInput({3, 0})}},
            {{input({batch, 3, 2}, 0.5, 2)}}};
  };
  return definition;
}

}  // namespace deltalab
