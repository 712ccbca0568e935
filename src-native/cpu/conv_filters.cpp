#include "conv_filters.h"

#include <algorithm>

namespace deltalab {

FilterPanels::FilterPanels(const Correlation& correlation) : c_(correlation), kernels_(kernelTable().conv) {
  const auto roundUp = [](Index value, Index step) { return (value + step - 1) / step * step; };
  rows_ = c_.taps() * (c_.depthwise ? 1 : c_.sourceChannels);
  paddedTargets_ = roundUp(c_.targetChannels, kernels_.width);
  groupFloats_ = rows_ * paddedTargets_;
  laneFloats_ = roundUp(c_.groups * (groupFloats_ + paddedTargets_), 16);
}

FilterPanel FilterPanels::panel(Index index) const {
  if (c_.depthwise) return {0, c_.targetChannels, paddedTargets_ / kernels_.width, 0};
  const Index first = index * kernels_.columns;
  const Index channels = std::min<Index>(kernels_.columns, c_.targetChannels - first);
  return {first, channels, (channels + kernels_.width - 1) / kernels_.width, first * rows_};
}

void FilterPanels::pack(const float* weights, const float* bias, Index group, const FilterPanel& panel, float* lane) const {
  const Index taps = c_.taps(), columns = panel.vectors * kernels_.width;
  float* const to = lane + group * groupFloats_ + panel.weights;
  // One filter per channel is read alike in both directions.
  if (!c_.transposed || c_.depthwise) {
    const Index filter = c_.depthwise ? taps : c_.sourceChannels * taps;
    const float* from = weights + (group * c_.targetChannels + panel.first) * filter;
    kernels_.transpose({from, filter, panel.channels, filter, to, c_.places.data(), columns, true});
  } else {
    for (Index s = 0; s < c_.sourceChannels; ++s) {
      const float* from = weights + ((group * c_.sourceChannels + s) * c_.targetChannels + panel.first) * taps;
      kernels_.transpose({from, taps, panel.channels, taps, to + s * columns, c_.places.data(), columns, true});
    }
  }
  if (!bias) return;
  float* const biases = lane + c_.groups * groupFloats_ + group * paddedTargets_ + panel.first;
  std::fill(biases, biases + columns, 0.0F);
  const float* from = bias + group * c_.targetChannels + panel.first;
  std::copy(from, from + panel.channels, biases);
}

}  // namespace deltalab
