#include "pool_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  const Window window = globalWindow(spec.context);
  return std::make_unique<AveragePoolStep<T>>(std::move(spec), window, false);
}

}  // namespace

/** The mean of each channel of a picture. ONNX GlobalAveragePool. */
OperatorDefinition globalAveragePoolOperator() {
  OperatorDefinition definition;
  definition.opType = "GlobalAveragePool";
  definition.shapes = globalShapes;
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = [](int64_t n) -> std::vector<OperatorSample> {
    return {{{input({n, 3, 4, 5})}}, {{input({n, 2, 7})}}, {{input({n, 2, 1, 2, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
