#include "core/sample.h"
#include "spread_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const std::vector<int64_t>& wanted = context.constantIntegers(1);
  Shape result;
  for (int64_t size : wanted) {
    if (size < 1) context.failShape("the dimensions of " + toText(wanted) + " must be positive");
  }
  if (!broadcastShapes(context.shape(0), wanted, result)) {
    context.failShape(toText(context.shape(0)) + " cannot be spread to " + toText(wanted));
  }
  elementCount(result);
  return {result};
}

template <class T>
class ExpandStep : public SpreadStep<T> {
 public:
  explicit ExpandStep(StepSpec<T>&& spec) : SpreadStep<T>(std::move(spec), expandForm(spec.context)) {}
};

}  // namespace

SpreadForm expandForm(const NodeContext& context) { return {context.shape(0), shapes(context)[0]}; }

/** The input repeated so that its shape and input 2 spread to each other. ONNX Expand. */
OperatorDefinition expandOperator() {
  OperatorDefinition definition;
  definition.opType = "Expand";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<ExpandStep>();
  definition.viewIn = [](const NodeContext& context, ProgramMode) { return shapes(context)[0] == context.shape(0); };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const double rows = static_cast<double>(batch);
    return {{{input({batch, 1, 3}), integerInput({2, 1})}},
            {{input({batch, 1}), integerInput({rows, 5})}},
            {{input({}), integerInput({rows, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
