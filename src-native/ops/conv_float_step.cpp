#include "conv_float_step.h"

namespace deltalab {

ConvStep::ConvStep(StepSpec<float>&& spec, const ConvShape& shape, bool transposed, const Window* pool)
    : Step<float>(std::move(spec)),
      shape_(shape),
      transposed_(transposed),
      activation_(spec.activation),
      alpha_(static_cast<float>(spec.activationAlpha)),
      // The output of a transposed convolution is the input of the convolution it belongs to.
      convolution_(shape,
                   transposed ? ConvLayout{output.channelsLast, inputs[0].channelsLast}
                              : ConvLayout{inputs[0].channelsLast, output.channelsLast},
                   pool) {
  if (pool && output.needsGradient) chosen_.resize(output.count * static_cast<size_t>(lanes));
}

ConvRun ConvStep::convRun(Run& run) const { return {run.pool, run.workspace.scratch, run.lanes.count, run.lanes.active}; }

void ConvStep::forward(Run& run) {
  const ConvRun where = convRun(run);
  ConvEpilogue epilogue;
  if (hasBias()) epilogue.bias = {inputs[2].storage->data, inputs[2].storage->laneStride};
  epilogue.activation = activation_;
  epilogue.alpha = alpha_;
  const Storage<float>&x = *inputs[0].storage, &weights = *inputs[1].storage, &y = *output.storage;
  if (transposed_) {
    convolution_.transposed(where, {x.data, x.laneStride}, {}, {weights.data, weights.laneStride}, epilogue, {y.data, y.laneStride});
  } else {
    convolution_.forward(where, {x.data, x.laneStride}, {weights.data, weights.laneStride}, epilogue, {y.data, y.laneStride}, chosen());
  }
}

void ConvStep::backward(Run& run) {
  const ConvRun where = convRun(run);
  const Storage<float>&x = *inputs[0].storage, &weights = *inputs[1].storage, &y = *output.storage;
  LaneValues<float> bias;
  if (hasBias() && inputs[2].needsGradient) bias = {inputs[2].storage->gradient, inputs[2].storage->laneStride};
  // The largest value of a window went through the activation like the others, so f' follows from the output after the pool, too.
  if (inputs[1].needsGradient) {
    const ConvGradient gradient{{y.gradient, y.laneStride}, {y.data, y.laneStride}, activation_, alpha_, bias,
                                bias.data != nullptr && inputs[2].accumulate};
    convolution_.weightGradient(where, {x.data, x.laneStride}, gradient, transposed_, chosen(), {weights.gradient, weights.laneStride},
                                inputs[1].accumulate);
  } else {
    if (activation_ != Activation::None) {
      forEachChunk(run, output.count, [&](int lane, size_t begin, size_t count) {
        float* const dy = output.gradient(lane) + begin;
        applySlope(activation_, output.data(lane) + begin, dy, dy, count, alpha_);
      });
    }
    if (bias.data && transposed_) convolution_.inputSums(where, {y.gradient, y.laneStride}, bias, inputs[2].accumulate);
    else if (bias.data) convolution_.outputSums(where, {y.gradient, y.laneStride}, bias, inputs[2].accumulate);
  }
  if (inputs[0].needsGradient) {
    ConvEpilogue epilogue;
    epilogue.accumulate = inputs[0].accumulate;
    const LaneValues<const float> filters{weights.data, weights.laneStride};
    if (transposed_) convolution_.forward(where, {y.gradient, y.laneStride}, filters, epilogue, {x.gradient, x.laneStride}, {});
    else convolution_.transposed(where, {y.gradient, y.laneStride}, chosen(), filters, epilogue, {x.gradient, x.laneStride});
  }
}

std::unique_ptr<Step<float>> createConvStep(StepSpec<float>&& spec, bool transposed) {
  const ConvShape shape = transposed ? convTransposeShape(spec.context) : convShape(spec.context);
  if (!Convolution::takes(shape)) return std::make_unique<PlainConvStep<float>>(std::move(spec), transposed);
  return std::make_unique<ConvStep>(std::move(spec), shape, transposed, spec.pool ? &*spec.pool : nullptr);
}

}  // namespace deltalab
