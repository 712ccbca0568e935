#include "conv_float_step.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const ConvShape conv = convTransposeShape(context);
  Shape shape = context.shape(0);
  shape[1] = conv.inputChannels;
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = conv.window.axes[5 - shape.size() + i - 2].input;
  return {shape};
}

std::vector<OperatorSample> samples(int64_t n) {
  return {
      {{input({n, 2, 3, 4}), input({2, 3, 3, 2}), input({3})}},
      {{input({n, 3, 3, 3}), input({3, 2, 3, 2})},
       {numbers("strides", {2, 3}), numbers("pads", {1, 0, 0, 1}), numbers("output_padding", {1, 2})}},
      {{input({n, 4, 3, 2}), input({4, 3, 2, 3}), input({6})}, {number("group", 2), numbers("dilations", {2, 1})}},
      {{input({n, 2, 3, 3}), input({2, 2, 4, 3}), input({2})}, {numbers("strides", {2, 2}), text("auto_pad", "SAME_UPPER")}},
      {{input({n, 2, 3, 3}), input({2, 1, 3, 3})},
       {numbers("strides", {3, 2}), numbers("output_shape", {10, 8}), number("group", 2)}},
      {{input({n, 2, 5}), input({2, 3, 3}), input({3})}, {numbers("strides", {2}), numbers("pads", {1, 1})}},
      {{input({n, 1, 2, 3, 2}), input({1, 2, 2, 2, 3}), input({2})}, {numbers("strides", {1, 2, 1})}},
  };
}

}  // namespace

/**
 * The transpose of a convolution: spreads every input by a filter over a window of the output. Weights [channels, outputs / group, …].
 * ONNX ConvTranspose.
 */
OperatorDefinition convTransposeOperator() {
  OperatorDefinition definition;
  definition.opType = "ConvTranspose";
  definition.minInputs = 2;
  definition.maxInputs = 3;
  definition.attributes = windowAttributes({"group", "output_padding", "output_shape"});
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return createConvStep(std::move(spec), true);
  };
  definition.createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
    return std::make_unique<PlainConvStep<double>>(std::move(spec), true);
  };
  definition.fusesActivation = true;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
