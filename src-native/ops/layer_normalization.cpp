#include "core/sample.h"
#include "normalise_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& x = context.shape(0);
  if (x.empty()) context.failShape("a scalar cannot be normalised");
  checkStashType(context);
  const size_t axis = layerNormalizationAxis(context);
  const Shape normalised(x.begin() + static_cast<std::ptrdiff_t>(axis), x.end());
  checkParameter(context, 1, normalised);
  checkParameter(context, 2, normalised);
  Shape statistics = x;
  std::fill(statistics.begin() + static_cast<std::ptrdiff_t>(axis), statistics.end(), 1);
  return {x, statistics, statistics};
}

template <class T>
class LayerNormalizationStep : public NormaliseStep<T> {
 public:
  explicit LayerNormalizationStep(StepSpec<T>&& spec) : NormaliseStep<T>(std::move(spec), layerNormalizationForm(spec.context)) {}
};

}  // namespace

/**
 * Y = (X - mean) / sqrt(variance + epsilon) · Scale + B over the dimensions from `axis` (the last unless given) on; the optional outputs
 * are mean and 1 / sqrt(variance + epsilon). ONNX LayerNormalization, opset 17. Scale and B have the shape of the normalised dimensions.
 */
OperatorDefinition layerNormalizationOperator() {
  OperatorDefinition definition;
  definition.opType = "LayerNormalization";
  definition.minInputs = 2;
  definition.maxInputs = 3;
  definition.maxOutputs = 3;
  definition.attributes = {"axis", "epsilon", "stash_type"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<LayerNormalizationStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 7}), input({7}), input({7})}},
            {{input({batch, 2, 5}), input({2, 5})}, {number("axis", 1), number("epsilon", 0.1)}},
            {{input({batch, 3, 5}), input({5}), input({5})}, {number("axis", -1)}, 3}};
  };
  return definition;
}

}  // namespace deltalab
