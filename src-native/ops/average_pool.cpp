#include "cpu/conv.h"
#include "picture_pool_step.h"
#include "pool_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  const Window window = poolWindow(spec.context);
  std::vector<T> scales = windowScales<T>(window, spec.context.integer("count_include_pad", 0) != 0);
  if constexpr (std::is_same_v<T, float>) {
    if (Convolution::takesPool(window)) return std::make_unique<PicturePoolStep>(std::move(spec), window, std::move(scales));
  }
  return std::make_unique<AveragePoolStep<T>>(std::move(spec), window, std::move(scales));
}

std::vector<OperatorSample> samples(int64_t n) {
  return {
      {{input({n, 2, 6, 4})}, {numbers("kernel_shape", {2, 2}), numbers("strides", {2, 2})}},
      {{input({n, 3, 5, 5})}, {numbers("kernel_shape", {3, 2}), numbers("pads", {1, 0, 2, 1})}},
      {{input({n, 3, 5, 5})}, {numbers("kernel_shape", {3, 2}), numbers("pads", {1, 0, 2, 1}), number("count_include_pad", 1)}},
      {{input({n, 1, 7, 6})},
       {numbers("kernel_shape", {3, 3}), numbers("strides", {2, 2}), number("ceil_mode", 1), number("count_include_pad", 1)}},
      {{input({n, 2, 8})}, {numbers("kernel_shape", {3}), numbers("dilations", {2}), text("auto_pad", "SAME_LOWER")}},
      {{input({n, 1, 3, 4, 3})}, {numbers("kernel_shape", {2, 2, 2})}},
  };
}

}  // namespace

/** The mean of each window of a picture. Padding does not count, unless count_include_pad is 1. ONNX AveragePool. */
OperatorDefinition averagePoolOperator() {
  OperatorDefinition definition;
  definition.opType = "AveragePool";
  definition.attributes = windowAttributes({"ceil_mode", "count_include_pad"});
  definition.shapes = [](const NodeContext& context) { return std::vector<Shape>{pooledShape(context, poolWindow(context))}; };
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
