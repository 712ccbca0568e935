#include "cpu/conv.h"
#include "picture_pool_step.h"
#include "pool_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const int64_t order = context.integer("storage_order", 0);
  if (order != 0 && order != 1) context.failAttribute("storage_order", "0 or 1 is needed");
  const Window window = poolWindow(context);
  // Places within a picture are kept in 32 bits.
  if (elementCount(context.shape(0), 2) > INT32_MAX) context.failShape("the picture is too large");
  return std::vector<Shape>(context.node->outputs.size(), pooledShape(context, window));
}

std::vector<OperatorSample> samples(int64_t n) {
  return {
      {{distinctInput({n, 2, 6, 4})}, {numbers("kernel_shape", {2, 2}), numbers("strides", {2, 2})}},
      {{distinctInput({n, 3, 5, 5})}, {numbers("kernel_shape", {3, 2}), numbers("pads", {1, 0, 2, 1})}, 2},
      {{distinctInput({n, 1, 7, 6})},
       {numbers("kernel_shape", {3, 3}), numbers("strides", {2, 2}), number("ceil_mode", 1), number("storage_order", 1)},
       2},
      {{distinctInput({n, 2, 8})}, {numbers("kernel_shape", {3}), numbers("dilations", {2}), text("auto_pad", "SAME_UPPER")}},
      {{distinctInput({n, 1, 3, 4, 3})}, {numbers("kernel_shape", {2, 2, 2})}},
  };
}

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  const Window window = poolWindow(spec.context);
  if constexpr (std::is_same_v<T, float>) {
    const bool hasPlaces = spec.outputs.size() > 1 && spec.outputs[1];
    if (!hasPlaces && spec.outputs[0] && Convolution::takesPool(window)) {
      return std::make_unique<PicturePoolStep>(std::move(spec), window, std::vector<float>());
    }
  }
  return std::make_unique<MaxPoolStep<T>>(std::move(spec), window);
}

}  // namespace

/**
 * The largest value of each window of a picture. The second output is its place in the input, counted over all samples and channels.
 * ONNX MaxPool.
 */
OperatorDefinition maxPoolOperator() {
  OperatorDefinition definition;
  definition.opType = "MaxPool";
  definition.maxOutputs = 2;
  definition.differentiableOutputs = 1;
  definition.attributes = windowAttributes({"ceil_mode", "storage_order"});
  definition.shapes = shapes;
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
