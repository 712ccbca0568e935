#include "correlation.h"

#include <algorithm>
#include <array>
#include <vector>

#include "device_window.h"

namespace deltalab::cuda {

namespace {

Correlation correlationOf(const ConvShape& shape, const DeviceWindow& window, bool transposed) {
  Correlation plan{};
  plan.batch = static_cast<int>(shape.batch);
  plan.groups = static_cast<int>(shape.groups);
  const int inputs = static_cast<int>(shape.inputChannels), outputs = static_cast<int>(shape.outputChannels);
  const int filter = inputs / plan.groups * window.taps();
  plan.sourceChannels = transposed ? outputs : inputs;
  plan.targetChannels = transposed ? inputs : outputs;
  plan.weightStep = transposed ? window.taps() : filter;
  plan.weightGroup = outputs / plan.groups * filter;
  for (int i = 0; i < 3; ++i) {
    plan.sourceSizes[i] = transposed ? window.output[i] : window.input[i];
    plan.targetSizes[i] = transposed ? window.input[i] : window.output[i];
    plan.sourceStep[i] = transposed ? 1 : window.stride[i];
    plan.targetStep[i] = transposed ? window.stride[i] : 1;
    plan.before[i] = transposed ? 0 : window.before[i];
  }
  return plan;
}

/** Tap `k` of an axis, `way` sources from where a window of the phase begins. */
struct AxisTap {
  int k, way;
};

/** The taps that targets of one axis use, those that leave a remainder of `first` when divided by the stride. */
std::vector<AxisTap> axisTaps(const DeviceWindow& window, int axis, bool transposed, int first) {
  std::vector<AxisTap> taps;
  for (int k = 0; k < window.kernel[axis]; ++k) {
    const int forward = k * window.dilation[axis], back = first + window.before[axis] - forward;
    if (!transposed) taps.push_back({k, forward});
    else if (back % window.stride[axis] == 0) taps.push_back({k, back / window.stride[axis]});
  }
  return taps;
}

/** By phase of one axis. */
std::vector<std::vector<AxisTap>> axisPhases(const DeviceWindow& window, int axis, bool transposed) {
  std::vector<std::vector<AxisTap>> phases;
  const int count = transposed ? std::min(window.stride[axis], window.input[axis]) : 1;
  for (int first = 0; first < count; ++first) phases.push_back(axisTaps(window, axis, transposed, first));
  return phases;
}

}  // namespace

CorrelationPlan::CorrelationPlan(Stream& stream, const ConvShape& conv, bool transposed) {
  const DeviceWindow window(conv.window);
  shape_ = correlationOf(conv, window, transposed);
  const auto depth = axisPhases(window, 0, transposed), height = axisPhases(window, 1, transposed), width = axisPhases(window, 2, transposed);
  // Weights lie [output channels of the group][input channels of the group][taps].
  const int weightsBetweenSources = transposed ? shape_.groupTargets() * window.taps() : window.taps();
  std::vector<Phase> phases;
  std::vector<Tap> taps;
  std::vector<int> weightAt;
  const auto addPhase = [&](const std::array<size_t, 3>& first) {
    Phase phase{};
    phase.firstTap = static_cast<int>(taps.size());
    for (size_t i = 0; i < 3; ++i) {
      phase.first[i] = static_cast<int>(first[i]);
      phase.count[i] = (shape_.targetSizes[i] - phase.first[i] + shape_.targetStep[i] - 1) / shape_.targetStep[i];
    }
    for (int channel = 0; channel < shape_.groupSources(); ++channel) {
      for (const AxisTap& z : depth[first[0]]) {
        for (const AxisTap& y : height[first[1]]) {
          for (const AxisTap& x : width[first[2]]) {
            const int offset = channel * shape_.sourcePlane() + (z.way * shape_.sourceSizes[1] + y.way) * shape_.sourceSizes[2] + x.way;
            taps.push_back({offset, z.way, y.way, x.way});
            weightAt.push_back(channel * weightsBetweenSources + (z.k * window.kernel[1] + y.k) * window.kernel[2] + x.k);
          }
        }
      }
    }
    phase.endTap = static_cast<int>(taps.size());
    phases.push_back(phase);
  };
  for (size_t z = 0; z < depth.size(); ++z) {
    for (size_t y = 0; y < height.size(); ++y) {
      for (size_t x = 0; x < width.size(); ++x) addPhase({z, y, x});
    }
  }
  taps_ = static_cast<int>(taps.size());
  targets_ = phases.empty() ? 0 : shape_.batch * phases.front().targets();
  phaseMemory_ = DeviceMemory<Phase>(stream, phases);
  tapMemory_ = DeviceMemory<Tap>(stream, taps);
  weightMemory_ = DeviceMemory<int>(stream, weightAt);
  shape_.phaseCount = static_cast<int>(phases.size());
  shape_.phases = phaseMemory_.data();
  shape_.taps = tapMemory_.data();
  shape_.weightAt = weightMemory_.data();
}

}  // namespace deltalab::cuda
