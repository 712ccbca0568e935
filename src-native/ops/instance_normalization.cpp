#include "core/sample.h"
#include "normalise_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& x = context.shape(0);
  if (x.size() < 3) context.failShape("the input needs a batch, channels and pixels, but its shape is " + toText(x));
  checkParameter(context, 1, {x[1]});
  checkParameter(context, 2, {x[1]});
  return {x};
}

template <class T>
class InstanceNormalizationStep : public NormaliseStep<T> {
 public:
  explicit InstanceNormalizationStep(StepSpec<T>&& spec) : NormaliseStep<T>(std::move(spec), instanceNormalizationForm(spec.context)) {}
};

}  // namespace

/** Every channel of every sample is normalised over its pixels, then scaled and shifted per channel. ONNX InstanceNormalization, opset 6. */
OperatorDefinition instanceNormalizationOperator() {
  OperatorDefinition definition;
  definition.opType = "InstanceNormalization";
  definition.minInputs = 3;
  definition.maxInputs = 3;
  definition.attributes = {"epsilon"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<InstanceNormalizationStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3, 5}), input({3}), input({3})}},
            {{input({batch, 2, 3, 3}), input({2}), input({2})}, {number("epsilon", 0.1)}}};
  };
  return definition;
}

}  // namespace deltalab
