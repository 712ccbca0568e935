#include <algorithm>

#include "blocks.h"
#include "cpu/kernels/elementwise.h"
#include "cpu/kernels/kernel_table.h"
#include "pool_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** In single precision by the kernels of pictures, [pixels][channels] or the other way round. */
class GlobalAverageStep : public Step<float> {
 public:
  explicit GlobalAverageStep(StepSpec<float>&& spec)
      : Step<float>(std::move(spec)),
        samples_(static_cast<size_t>(inputs[0].shape[0])),
        channels_(static_cast<size_t>(inputs[0].shape[1])),
        pixels_(elementCount(inputs[0].shape, 2)) {}

  void forward(Run& run) override {
    const float scale = 1.0F / static_cast<float>(pixels_);
    forEachSample(run, [&](int lane, size_t sample) {
      const float* x = inputs[0].data(lane) + sample * pixels_ * channels_;
      float* const y = output.mutableData(lane) + sample * channels_;
      std::fill_n(y, channels_, 0.0F);
      const Index pixels = static_cast<Index>(pixels_), channels = static_cast<Index>(channels_);
      if (inputs[0].channelsLast) kernelTable().conv.addRows(x, pixels, channels, channels, y);
      else kernelTable().conv.addPlanes(x, pixels, channels, y);
      for (size_t c = 0; c < channels_; ++c) y[c] *= scale;
    });
  }

  void backward(Run& run) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    const float scale = 1.0F / static_cast<float>(pixels_);
    forEachSample(run, [&](int lane, size_t sample) {
      float* const dy = output.gradient(lane) + sample * channels_;
      float* const dx = target.gradient(lane) + sample * pixels_ * channels_;
      if (!target.accumulate) std::fill_n(dx, pixels_ * channels_, 0.0F);
      if (target.channelsLast) {
        for (size_t i = 0; i < pixels_; ++i) addScaled(dx + i * channels_, dy, channels_, scale);
        return;
      }
      for (size_t c = 0; c < channels_; ++c) {
        for (size_t i = 0; i < pixels_; ++i) dx[c * pixels_ + i] += dy[c] * scale;
      }
    });
  }

 private:
  template <class F>
  void forEachSample(Run& run, F&& f) const {
    const size_t elements = pixels_ * channels_;
    forEachBlock(run, samples_, elements, itemsPerTask(elements), [&](int lane, size_t begin, size_t end) {
      for (size_t sample = begin; sample < end; ++sample) f(lane, sample);
    });
  }

  size_t samples_, channels_, pixels_;
};

std::unique_ptr<Step<double>> createDouble(StepSpec<double>&& spec) {
  const Window window = globalWindow(spec.context);
  return std::make_unique<AveragePoolStep<double>>(std::move(spec), window, windowScales<double>(window, false));
}

}  // namespace

/** The mean of each channel of a picture. ONNX GlobalAveragePool. */
OperatorDefinition globalAveragePoolOperator() {
  OperatorDefinition definition;
  definition.opType = "GlobalAveragePool";
  definition.shapes = globalShapes;
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return std::make_unique<GlobalAverageStep>(std::move(spec));
  };
  definition.createDouble = createDouble;
  definition.samples = [](int64_t n) -> std::vector<OperatorSample> {
    return {{{input({n, 3, 4, 5})}}, {{input({n, 2, 7})}}, {{input({n, 2, 1, 2, 3, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
