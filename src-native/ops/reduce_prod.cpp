#include "reduce_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ReduceProdStep = ReduceStep<T, ReduceProd>;

}  // namespace

/** Products over dimensions. ONNX ReduceProd. */
OperatorDefinition reduceProdOperator() {
  OperatorDefinition definition = reduceOperator("ReduceProd");
  definition.reads = [](const NodeContext&) { return BackwardReads{true, true}; };
  definition.useSteps<ReduceProdStep>();
  // Zeros, too: one alone still has a gradient, of two none has.
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    std::vector<double> values;
    for (int64_t i = 0; i < 8 * batch; ++i) values.push_back(i % 8 == 1 || i % 8 == 4 || i % 8 == 6 ? 0 : 0.4 * static_cast<double>(i % 3 + 1));
    SampleInput zeros = input({batch, 2, 4});
    zeros.values = values;
    return {{{input({batch, 5}), integerInput({1})}, {number("keepdims", 0)}},
            {{zeros, integerInput({2})}},
            {{input({3, batch, 2, 5}, 0.5, 1.5), integerInput({3, 0})}, {number("keepdims", 0)}},
            {{input({batch, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
