#include "batch_normalization_rows.h"
#include "core/sample.h"
#include "normalise_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& x = context.shape(0);
  if (x.size() < 2) context.failShape("the input needs a batch and channels, but its shape is " + toText(x));
  const Shape channels{x[1]};
  for (size_t i = 1; i < 5; ++i) checkParameter(context, i, channels);
  const bool training = context.integer("training_mode", 0) != 0;
  for (size_t i = 1; i < context.node->outputs.size(); ++i) {
    if (!training && !context.node->outputs[i].empty()) context.failShape("only with training_mode 1 it has more than one output");
  }
  return {x, channels, channels};
}

std::vector<OperatorSample> samples(int64_t batch) {
  const SampleInput mean = constantInput({3}, {0.3, -0.4, 1.1});
  const SampleInput variance = constantInput({3}, {0.7, 1.9, 0.4});
  return {{{input({batch, 3, 5}), input({3}), input({3}), mean, variance}},
          {{input({batch, 3, 2, 3}), input({3}), input({3}), mean, variance}, {number("epsilon", 0.1), number("momentum", 0.8)}},
          // While training, one value per channel has no variance.
          {{input({batch + 1, 3}), input({3}), input({3}), mean, variance}, {number("epsilon", 0.1)}}};
}

}  // namespace

/**
 * Y = (X - mean) / sqrt(variance + epsilon) · scale + B per channel (dimension 1). ONNX BatchNormalization, opset 15. Inputs X, scale, B,
 * mean, variance.
 *
 * By the given statistics, unless training_mode is 1 or the program trains: then by those of the batch, with the biased variance.
 * A training program also moves the given statistics, as PyTorch does: running = running · momentum + batch · (1 - momentum), with
 * the unbiased variance. Outputs 2 and 3 of a node with training_mode 1 are ONNX's own running values, from the biased variance.
 */
OperatorDefinition batchNormalizationOperator() {
  OperatorDefinition definition;
  definition.opType = "BatchNormalization";
  definition.minInputs = 5;
  definition.maxInputs = 5;
  definition.maxOutputs = 3;
  definition.attributes = {"epsilon", "momentum", "training_mode"};
  definition.running = {3, 4};
  definition.differentiableOutputs = 1;
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<BatchNormalizationStep>();
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    const Operand<float>& x = spec.inputs[0];
    if (x.channelsLast || elementCount(x.shape, 2) == 1) return std::make_unique<BatchNormalizationRows>(std::move(spec));
    return std::make_unique<BatchNormalizationStep<float>>(std::move(spec));
  };
  definition.fusesActivation = true;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
