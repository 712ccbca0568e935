#include "core/sample.h"
#include "normalise_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& x = context.shape(0);
  if (x.size() < 2) context.failShape("the input needs a batch and channels, but its shape is " + toText(x));
  checkStashType(context);
  const int64_t groups = context.integer("num_groups", 0);
  if (groups < 1 || x[1] % groups != 0) {
    context.failAttribute("num_groups", std::to_string(groups) + " groups cannot share " + std::to_string(x[1]) + " channels evenly");
  }
  checkParameter(context, 1, {x[1]});
  checkParameter(context, 2, {x[1]});
  return {x};
}

template <class T>
class GroupNormalizationStep : public NormaliseStep<T> {
 public:
  explicit GroupNormalizationStep(StepSpec<T>&& spec) : NormaliseStep<T>(std::move(spec), groupNormalizationForm(spec.context)) {}
};

}  // namespace

/**
 * Every sample's channels are cut into num_groups groups, each normalised over its channels and pixels; then scale and bias per
 * channel. ONNX GroupNormalization, opset 21 (where scale and bias are per channel).
 */
OperatorDefinition groupNormalizationOperator() {
  OperatorDefinition definition;
  definition.opType = "GroupNormalization";
  definition.minInputs = 3;
  definition.maxInputs = 3;
  definition.attributes = {"epsilon", "num_groups", "stash_type"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<GroupNormalizationStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 4, 3}), input({4}), input({4})}, {number("num_groups", 2)}},
            {{input({batch, 3, 2, 3}), input({3}), input({3})}, {number("num_groups", 1), number("epsilon", 0.01)}},
            {{input({batch, 6, 1}), input({6}), input({6})}, {number("num_groups", 2), number("epsilon", 0.1)}}};
  };
  return definition;
}

}  // namespace deltalab
