#include "core/sample.h"
#include "spread_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<int64_t>& repeats = context.constantIntegers(1);
  if (repeats.size() != shape.size()) {
    context.failShape(toText(shape) + " cannot be repeated " + toText(repeats) + " times: a number for every dimension is needed");
  }
  Shape result;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (repeats[i] < 1 || repeats[i] > INT32_MAX) context.failShape("the repeats " + toText(repeats) + " must be positive");
    result.push_back(shape[i] * repeats[i]);
  }
  elementCount(result);
  return {result};
}

template <class T>
class TileStep : public SpreadStep<T> {
 public:
  explicit TileStep(StepSpec<T>&& spec) : SpreadStep<T>(std::move(spec), tileForm(spec.context)) {}
};

}  // namespace

/** Each dimension after how often it is repeated. */
SpreadForm tileForm(const NodeContext& context) {
  SpreadForm form;
  for (size_t i = 0; i < context.shape(0).size(); ++i) {
    const int64_t size = context.shape(0)[i];
    form.from.insert(form.from.end(), {1, size});
    form.to.insert(form.to.end(), {context.constantIntegers(1)[i], size});
  }
  return form;
}

/** The input side by side with itself, as often along each dimension as input 2 says. ONNX Tile. */
OperatorDefinition tileOperator() {
  OperatorDefinition definition;
  definition.opType = "Tile";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<TileStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3}), integerInput({1, 4})}}, {{input({batch, 2, 3}), integerInput({1, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
