#include "convolution.h"
#include "device_window.h"
#include "reducer.h"

namespace deltalab::cuda {

namespace {

/** Groups of one input and a few outputs. Weights [output channels][taps]. */
struct DepthwiseShape {
  DeviceWindow window;
  int channels, outputsEach;

  __device__ int outputChannels() const { return channels * outputsEach; }
};

/** A thread an output. */
struct DepthwiseOutputs {
  DepthwiseShape shape;
  LaneValues<const float> inputs, weights;
  ConvEpilogue epilogue;
  LaneValues<float> outputs;

  __device__ void operator()(int lane, size_t i) const {
    const int plane = static_cast<int>(i) / shape.window.outputs(), point = static_cast<int>(i) % shape.window.outputs();
    const int channel = plane % shape.outputChannels(), sample = plane / shape.outputChannels();
    const float* from = inputs.of(lane) + (sample * shape.channels + channel / shape.outputsEach) * shape.window.inputs();
    const float* filter = weights.of(lane) + channel * shape.window.taps();
    float sum = 0;
    shape.window.forEachInput(point, [&](int input, int tap) { sum = fmaf(from[input], filter[tap], sum); });
    epilogue.store(sum, lane, channel, outputs.of(lane) + i);
  }
};

/** A thread an input. */
struct DepthwiseInputs {
  DepthwiseShape shape;
  LaneValues<const float> outputs, weights;
  ConvEpilogue epilogue;
  LaneValues<float> inputs;

  __device__ void operator()(int lane, size_t i) const {
    const int plane = static_cast<int>(i) / shape.window.inputs(), point = static_cast<int>(i) % shape.window.inputs();
    const int channel = plane % shape.channels;
    float sum = 0;
    for (int each = 0; each < shape.outputsEach; ++each) {
      const float* from = outputs.of(lane) + (plane * shape.outputsEach + each) * shape.window.outputs();
      const float* filter = weights.of(lane) + (channel * shape.outputsEach + each) * shape.window.taps();
      shape.window.forEachWindow(point, [&](int output, int tap) { sum = fmaf(from[output], filter[tap], sum); });
    }
    epilogue.store(sum, lane, channel, inputs.of(lane) + i);
  }
};

/** A weight's gradient: the sum over the windows of all samples. */
struct DepthwiseWeights {
  using Total = double;
  /** Of one weight: the planes of the first sample, and the tap. */
  struct Line {
    const float *inputs, *outputs;
    int tap;
  };

  DepthwiseShape shape;
  LaneValues<const float> inputs, outputs;
  LaneValues<float> weights;
  bool accumulate;

  __device__ double start() const { return 0; }
  __device__ Line line(int lane, size_t i) const {
    const int channel = static_cast<int>(i) / shape.window.taps(), tap = static_cast<int>(i) % shape.window.taps();
    return {inputs.of(lane) + channel / shape.outputsEach * shape.window.inputs(), outputs.of(lane) + channel * shape.window.outputs(), tap};
  }
  __device__ double add(double sum, const Line& line, size_t term) const {
    const int sample = static_cast<int>(term) / shape.window.outputs(), window = static_cast<int>(term) % shape.window.outputs();
    const int input = shape.window.inputAt(window, line.tap);
    if (input < 0) return sum;
    const float x = line.inputs[sample * shape.channels * shape.window.inputs() + input];
    return sum + static_cast<double>(x * line.outputs[sample * shape.outputChannels() * shape.window.outputs() + window]);
  }
  __device__ double join(double a, double b) const { return a + b; }
  __device__ void store(int lane, size_t i, double sum) const {
    float* to = weights.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(sum);
  }
};

class Depthwise final : public Convolution {
 public:
  Depthwise(Stream& stream, const ConvShape& shape, int lanes, bool learns)
      : stream_(stream),
        lanes_(lanes),
        shape_{DeviceWindow(shape.window), static_cast<int>(shape.inputChannels), static_cast<int>(shape.groupOutputs())},
        inputs_(static_cast<size_t>(shape.batch * shape.inputChannels * shape.window.inputSize())),
        outputs_(static_cast<size_t>(shape.batch * shape.outputChannels * shape.window.outputSize())) {
    if (learns) {
      const size_t weights = static_cast<size_t>(shape.outputChannels * shape.window.kernelSize());
      const size_t windows = static_cast<size_t>(shape.batch * shape.window.outputSize());
      weightSums_ = Reducer<double>(stream, lanes, ReductionShape::of(weights, windows, 1));
    }
  }

  void forward(LaneValues<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
               LaneValues<float> outputs) const override {
    forEachElement(stream_, lanes_, outputs_, DepthwiseOutputs{shape_, inputs, weights, epilogue, outputs});
  }

  void transposed(LaneValues<const float> outputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                  LaneValues<float> inputs) const override {
    forEachElement(stream_, lanes_, inputs_, DepthwiseInputs{shape_, outputs, weights, epilogue, inputs});
  }

  void weightGradient(LaneValues<const float> inputs, LaneValues<const float> outputs, LaneValues<float> weights, bool accumulate) const override {
    weightSums_.run(DepthwiseWeights{shape_, inputs, outputs, weights, accumulate});
  }

 private:
  Stream& stream_;
  int lanes_;
  DepthwiseShape shape_;
  size_t inputs_, outputs_;
  Reducer<double> weightSums_;
};

}  // namespace

bool isDepthwise(const ConvShape& shape) {
  constexpr int64_t kFew = 4;
  return shape.groups > 1 && shape.groupInputs() == 1 && shape.groupOutputs() <= kFew;
}

std::unique_ptr<Convolution> makeDepthwise(Stream& stream, const ConvShape& shape, int lanes, bool learns) {
  return std::make_unique<Depthwise>(stream, shape, lanes, learns);
}

}  // namespace deltalab::cuda
