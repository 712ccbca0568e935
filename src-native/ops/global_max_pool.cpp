#include "pool_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  // Places within a picture are kept in 32 bits.
  if (elementCount(context.shape(0), 2) > INT32_MAX) context.failShape("the picture is too large");
  return globalShapes(context);
}

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  const Window window = globalWindow(spec.context);
  return std::make_unique<MaxPoolStep<T>>(std::move(spec), window);
}

}  // namespace

/** The largest value of each channel of a picture. ONNX GlobalMaxPool. */
OperatorDefinition globalMaxPoolOperator() {
  OperatorDefinition definition;
  definition.opType = "GlobalMaxPool";
  definition.shapes = shapes;
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = [](int64_t n) -> std::vector<OperatorSample> {
    return {{{distinctInput({n, 3, 4, 5})}}, {{distinctInput({n, 2, 7})}}, {{distinctInput({n, 2, 1, 2, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
