#include "arg_extreme_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ArgMaxStep = ArgExtremeStep<T, 1>;

}  // namespace

/** Place of the largest element along `axis` (0 unless given): of equal ones the first, or with `select_last_index` the last. ONNX ArgMax. */
OperatorDefinition argMaxOperator() {
  OperatorDefinition definition = argExtremeOperator("ArgMax");
  definition.useSteps<ArgMaxStep>();
  return definition;
}

}  // namespace deltalab
