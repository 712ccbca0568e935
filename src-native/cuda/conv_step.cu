#include "convolution.h"
#include "device_window.h"
#include "fused_activation.h"
#include "ops/window.h"
#include "plane_sums.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** ∂E/∂bias: the sum over the planes of a channel. */
struct ChannelSums {
  FusedSlope given;
  LaneValues<float> to;
  bool accumulate;

  __device__ Sums<1> term(int lane, size_t, size_t, size_t at) const { return {{static_cast<double>(given(lane, at))}}; }
  __device__ void store(int lane, size_t channel, const Sums<1>& sums) const {
    float* into = to.of(lane) + channel;
    *into = (accumulate ? *into : 0.0F) + static_cast<float>(sums.of[0]);
  }
};

/** Conv, and ConvTranspose: what the one computes forward, the other computes backward. */
class ConvStep final : public DeviceStep {
 public:
  ConvStep(StepSpec<float>&& spec, Stream& stream, const ConvShape& shape, bool transposed)
      : DeviceStep(std::move(spec), stream),
        transposed_(transposed),
        activation_{spec.activation, static_cast<float>(spec.activationAlpha)} {
    for (const Operand<float>* operand : {&inputs[0], &inputs[1], &output}) checkCount(operand->count);
    const bool learns = inputs[1].needsGradient;
    convolution_ = isDepthwise(shape) ? makeDepthwise(stream, shape, lanes, learns) : makeImplicitGemm(stream, precision_, shape, lanes, learns);
    if (!learnsBias()) return;
    const size_t batch = static_cast<size_t>(output.shape[0]), channels = static_cast<size_t>(output.shape[1]);
    biasSums_ = PlaneSums<1>(stream, lanes, {batch, channels, elementCount(output.shape, 2)});
  }

  void forward(Run&) override {
    ConvEpilogue epilogue;
    if (hasBias()) epilogue.bias = valuesOf(inputs[2]);
    epilogue.activation = activation_;
    if (transposed_) convolution_->transposed(valuesOf(inputs[0]), valuesOf(inputs[1]), epilogue, resultOf(output));
    else convolution_->forward(valuesOf(inputs[0]), valuesOf(inputs[1]), epilogue, resultOf(output));
  }

  void backward(Run&) override {
    if (learnsBias()) biasSums_.sumUp(ChannelSums{{output, activation_}, gradientOf(inputs[2]), inputs[2].accumulate});
    else passBack(stream_, lanes, activation_, output);
    const Operand<float>&x = inputs[0], &weights = inputs[1];
    const LaneValues<const float> dy = givenTo(output);
    if (weights.needsGradient) {
      if (transposed_) convolution_->weightGradient(dy, valuesOf(x), gradientOf(weights), weights.accumulate);
      else convolution_->weightGradient(valuesOf(x), dy, gradientOf(weights), weights.accumulate);
    }
    if (x.needsGradient) {
      ConvEpilogue epilogue;
      epilogue.accumulate = x.accumulate;
      if (transposed_) convolution_->forward(dy, valuesOf(weights), epilogue, gradientOf(x));
      else convolution_->transposed(dy, valuesOf(weights), epilogue, gradientOf(x));
    }
  }

 private:
  bool hasBias() const { return inputs.size() > 2 && inputs[2]; }
  bool learnsBias() const { return hasBias() && inputs[2].needsGradient; }

  bool transposed_;
  FusedActivation activation_;
  std::unique_ptr<Convolution> convolution_;
  PlaneSums<1> biasSums_;
};

template <bool transposed>
std::unique_ptr<Step<float>> makeConv(StepSpec<float>&& spec, Stream& stream) {
  const ConvShape shape = transposed ? convTransposeShape(spec.context) : convShape(spec.context);
  return std::make_unique<ConvStep>(std::move(spec), stream, shape, transposed);
}

}  // namespace

const StepTable& convSteps() {
  static const StepTable table{{"Conv", makeConv<false>}, {"ConvTranspose", makeConv<true>}};
  return table;
}

}  // namespace deltalab::cuda
