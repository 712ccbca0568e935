#include "arg_extreme_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
using ArgMinStep = ArgExtremeStep<T, -1>;

}  // namespace

/** Place of the smallest element along `axis` (0 unless given): of equal ones the first, or with `select_last_index` the last. ONNX ArgMin. */
OperatorDefinition argMinOperator() {
  OperatorDefinition definition = argExtremeOperator("ArgMin");
  definition.useSteps<ArgMinStep>();
  return definition;
}

}  // namespace deltalab
