#include "conv.h"

#include "conv_plane_correlation.h"
#include "conv_plane_weights.h"

namespace deltalab {

namespace {

/** Taps that the kernels take in one line. */
constexpr int64_t kMostTaps = 512;
/** Values of a window of a pool: their number is kept in a byte. */
constexpr int64_t kMostPooled = 256;

bool isPointwise(const Window& window) {
  for (const WindowAxis& axis : window.axes) {
    if (axis.kernel != 1 || axis.stride != 1 || axis.padBefore != 0 || axis.output != axis.input) return false;
  }
  return true;
}

bool isDepthwise(const ConvShape& shape) { return shape.groups > 1 && shape.groupInputs() == 1 && shape.groupOutputs() == 1; }

/** Height and width; a picture whose points do not mix is one long row. */
void axesOf(const ConvShape& shape, bool pooled, WindowAxis& down, WindowAxis& across) {
  down = shape.window.axes[1];
  across = shape.window.axes[2];
  if (pooled || !isPointwise(shape.window)) return;
  across.input = across.output = down.input * across.input;
  down.input = down.output = 1;
}

}  // namespace

struct Convolution::Plans {
  std::unique_ptr<PicturePool> pool;
  Index batch;
  PictureForm inputs, outputs;
  Correlation forward, transposed;
  WeightGradient weights;
  /** Null: along channels. */
  std::unique_ptr<PlaneCorrelation> forwardPlanes, transposedPlanes;
  std::unique_ptr<PlaneWeights> weightPlanes;
};

Convolution::Convolution(const ConvShape& shape, ConvLayout layout, const Window* pool) : plans_(std::make_unique<Plans>()) {
  Plans& plans = *plans_;
  if (pool) plans.pool = std::make_unique<PicturePool>(*pool);
  WindowAxis down, across;
  axesOf(shape, pool != nullptr, down, across);
  const bool depthwise = isDepthwise(shape);
  const Index groups = depthwise ? 1 : shape.groups;
  const Index groupInputs = shape.inputChannels / groups, groupOutputs = shape.outputChannels / groups;
  plans.batch = shape.batch;
  // The values of one channel lie alike either way.
  plans.inputs = {shape.inputChannels, down.input, across.input, layout.inputsChannelsLast || shape.inputChannels == 1, nullptr};
  plans.outputs = {shape.outputChannels, down.output, across.output, layout.outputsChannelsLast || shape.outputChannels == 1,
                   plans.pool.get()};
  // A filter per channel goes tap by tap; sums over channels run along neighbouring taps.
  const bool merged = !depthwise;
  const Index taps = down.kernel * across.kernel;
  plans.forward = {gatherAxis(down, merged), gatherAxis(across, merged), shape.batch, groups, groupInputs, groupOutputs, depthwise,
                   plans.inputs, plans.outputs, false, {}};
  const Index filters = depthwise ? 1 : groupInputs;
  for (Index i = 0; i < filters; ++i) {
    for (Index t = 0; t < taps; ++t) plans.forward.places.push_back(t * filters + i);
  }
  plans.transposed = {scatterAxis(down, merged), scatterAxis(across, merged), shape.batch, groups, groupOutputs, groupInputs, depthwise,
                      plans.outputs, plans.inputs, true, {}};
  for (Index t = 0; t < taps; ++t) plans.transposed.places.push_back((taps - 1 - t) * (depthwise ? 1 : groupOutputs));
  plans.weights = {gatherAxis(down, merged), gatherAxis(across, merged), shape.batch, groups, groupInputs, groupOutputs, depthwise,
                   plans.inputs, plans.outputs};
  plans.forwardPlanes = PlaneCorrelation::where(plans.forward);
  plans.transposedPlanes = PlaneCorrelation::where(plans.transposed);
  plans.weightPlanes = PlaneWeights::where(plans.weights);
}

Convolution::~Convolution() = default;

bool Convolution::takes(const ConvShape& shape) {
  return shape.window.axes[0].input == 1 && shape.window.axes[0].output == 1 && shape.window.axes[0].kernel == 1 &&
         shape.window.kernelSize() <= kMostTaps;
}

bool Convolution::takesPool(const Window& pool) {
  if (pool.axes[0].input != 1 || pool.axes[0].kernel != 1 || pool.kernelSize() > kMostPooled) return false;
  for (const WindowAxis& axis : pool.axes) {
    for (const PoolSegment& segment : poolSegments(axis)) {
      if (segment.firstTap == segment.endTap) return false;
    }
  }
  return true;
}

void Convolution::forward(const ConvRun& run, Pictures<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                          Pictures<float> outputs, LaneValues<unsigned char> chosen) const {
  if (plans_->forwardPlanes) return (*plans_->forwardPlanes)(run, inputs, weights, epilogue, outputs, chosen);
  correlate(run, plans_->forward, inputs, weights, epilogue, outputs, chosen);
}

void Convolution::transposed(const ConvRun& run, Pictures<const float> outputs, LaneValues<unsigned char> chosen,
                             LaneValues<const float> weights, const ConvEpilogue& epilogue, Pictures<float> inputs) const {
  if (plans_->transposedPlanes) return (*plans_->transposedPlanes)(run, outputs, weights, epilogue, inputs, chosen);
  correlate(run, plans_->transposed, outputs, weights, epilogue, inputs, chosen);
}

void Convolution::weightGradient(const ConvRun& run, Pictures<const float> values, const ConvGradient& gradient, bool transposed,
                                 LaneValues<unsigned char> chosen, LaneValues<float> weights, bool accumulate) const {
  collectWeightGradient(run, plans_->weights, plans_->weightPlanes.get(), values, gradient, transposed, chosen, weights, accumulate);
}

void Convolution::outputSums(const ConvRun& run, Pictures<const float> outputs, LaneValues<float> sums, bool accumulate) const {
  channelSums(run, plans_->outputs, plans_->batch, outputs, sums, accumulate);
}

void Convolution::inputSums(const ConvRun& run, Pictures<const float> inputs, LaneValues<float> sums, bool accumulate) const {
  channelSums(run, plans_->inputs, plans_->batch, inputs, sums, accumulate);
}

}  // namespace deltalab
