#include "conv_plane_weights.h"

#include <algorithm>
#include <cmath>

namespace deltalab {

namespace {

/** Values of a channel that are multiplied before the lanes of a sum are added up, which costs as much as some vectors. */
constexpr Index kValuesAtOnce = 2048;
/** Floats of the pictures that one task keeps near. */
constexpr Index kNearFloats = 64 * 1024;

}  // namespace

PlaneWeights::PlaneWeights(const WeightGradient& w)
    : inputs_(w.inputs),
      outputs_(w.outputs),
      groups_(w.depthwise ? w.inputChannels : w.groups),
      inputChannels_(w.depthwise ? 1 : w.inputChannels),
      outputChannels_(w.depthwise ? 1 : w.outputChannels),
      sources_(w.y, w.x, w.inputs.channels),
      gradients_(w.outputs.channels, w.outputs.height, w.outputs.width, sources_.row()) {
  offsets_.resize(static_cast<size_t>(inputChannels_ * w.taps()));
  for (const TapRun& y : w.y.phases[0].runs) {
    for (Index j = 0; j < y.count; ++j) {
      for (const TapRun& x : w.x.phases[0].runs) {
        for (Index k = 0; k < x.count; ++k) {
          const Index tap = (y.slot + j) * w.x.kernel + x.slot + k, place = sources_.place(y.offset + j, x.offset + k);
          for (Index i = 0; i < inputChannels_; ++i) offsets_[static_cast<size_t>(i * w.taps() + tap)] = i * sources_.plane() + place;
        }
      }
    }
  }
  const Index fitting = std::max<Index>(1, kNearFloats / (sources_.size() + gradients_.size()));
  together_ = std::min({w.batch, fitting, std::max<Index>(1, kValuesAtOnce / gradients_.plane())});
}

Index PlaneWeights::scratchSize() const {
  const Index pictures = together_ * (sourceFloats() + gradients_.size());
  return (pictures + 15) / 16 * 16 + std::max(sources_.temporarySize(inputs_), gradients_.temporarySize(outputs_));
}

void PlaneWeights::add(const float* inputs, const float* outputs, const unsigned char* chosen, Index count, float* sums, float* memory) const {
  float* const gradients = memory + together_ * sourceFloats();
  float* const temporary = memory + (together_ * (sourceFloats() + gradients_.size()) + 15) / 16 * 16;
  for (Index i = 0; i < count; ++i) {
    sources_.load(inputs_, inputs + i * inputs_.sample(), nullptr, memory + i * sourceFloats(), temporary);
    const Index place = i * outputs_.sample();
    gradients_.load(outputs_, outputs + place, chosen ? chosen + place : nullptr, gradients + i * gradients_.size(), temporary);
  }
  PlaneWeightBlock block{};
  block.channels = outputChannels_;
  block.taps = static_cast<Index>(offsets_.size());
  block.offsets = offsets_.data();
  block.vectors = gradients_.plane() / kernelTable().conv.width;
  block.samples = count;
  block.sourceSample = sourceFloats();
  block.gradientChannel = gradients_.plane();
  block.gradientSample = gradients_.size();
  block.sumChannel = block.taps;
  for (Index group = 0; group < groups_; ++group) {
    block.source = memory + group * inputChannels_ * sources_.plane();
    block.gradient = gradients + group * outputChannels_ * gradients_.plane();
    block.sums = sums + group * outputChannels_ * block.taps;
    kernelTable().conv.planeWeights(block);
  }
}

std::unique_ptr<PlaneWeights> PlaneWeights::where(const WeightGradient& w) {
  const double width = kernelTable().conv.width, points = static_cast<double>(w.outputs.height * w.outputs.width);
  if (w.outputChannels >= width && !w.depthwise) return nullptr;
  auto planes = std::make_unique<PlaneWeights>(w);
  const double groups = static_cast<double>(planes->groups_), outputs = static_cast<double>(planes->outputChannels_);
  const double taps = static_cast<double>(planes->offsets_.size());
  // Cycles, roughly, of a sample.
  const double vectors = static_cast<double>(planes->gradients_.plane()) / width + 4.0 / static_cast<double>(planes->together_);
  const double panels = std::floor(outputs / 4), rest = outputs - 4 * panels;
  double byPlanes = groups * taps * vectors * (panels * 2.6 + (rest >= 2 ? 1.8 : 0) + (rest == 1 || rest == 3 ? 1.5 : 0));
  byPlanes += Planes::turningCost(w.inputs) + Planes::turningCost(w.outputs);
  const double byChannels = points * (w.depthwise ? taps * std::ceil(static_cast<double>(w.outputChannels) / width) * 1.2 : groups * taps * 0.7);
  return byPlanes < byChannels ? std::move(planes) : nullptr;
}

}  // namespace deltalab
