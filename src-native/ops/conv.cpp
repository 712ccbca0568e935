#include "conv_float_step.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const ConvShape conv = convShape(context);
  Shape shape = pooledShape(context, conv.window);
  shape[1] = conv.outputChannels;
  return {shape};
}

std::vector<OperatorSample> samples(int64_t n) {
  return {
      {{input({n, 2, 5, 4}), input({3, 2, 3, 2}), input({3})}},
      {{input({n, 3, 5, 6}), input({2, 3, 3, 3}), input({2})}, {numbers("pads", {1, 0, 2, 1}), numbers("strides", {2, 1})}},
      {{input({n, 1, 7, 7}), input({2, 1, 3, 2})}, {numbers("dilations", {2, 3}), numbers("pads", {2, 1, 1, 3})}},
      {{input({n, 4, 4, 3}), input({6, 2, 2, 3}), input({6})}, {number("group", 2), text("auto_pad", "SAME_UPPER")}},
      {{input({n, 3, 5, 5}), input({3, 1, 3, 3})}, {number("group", 3), numbers("strides", {3, 2}), text("auto_pad", "SAME_LOWER")}},
      {{input({n, 3, 4, 4}), input({5, 3, 1, 1}), input({5})}, {numbers("strides", {2, 2}), text("auto_pad", "VALID")}},
      {{input({n, 2, 9}), input({3, 2, 4}), input({3})}, {numbers("pads", {2, 1}), numbers("strides", {2})}},
      {{input({n, 2, 3, 4, 3}), input({2, 2, 2, 3, 2}), input({2})}, {numbers("pads", {1, 0, 0, 0, 1, 1})}},
  };
}

}  // namespace

/**
 * Y = W * X + B: every output is the sum of products of a window of X with a filter of W. Input [batch, channels, …] with one to three
 * dimensions of space; weights [outputs, channels / group, …]. ONNX Conv.
 */
OperatorDefinition convOperator() {
  OperatorDefinition definition;
  definition.opType = "Conv";
  definition.minInputs = 2;
  definition.maxInputs = 3;
  definition.attributes = windowAttributes({"group"});
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return createConvStep(std::move(spec), false);
  };
  definition.createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
    return std::make_unique<PlainConvStep<double>>(std::move(spec), false);
  };
  definition.fusesActivation = true;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
