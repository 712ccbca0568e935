#pragma once

#include "conv_correlation.h"

namespace deltalab {

/** Channels of the target that one line computes. */
struct FilterPanel {
  Index first, channels, vectors;
  /** Floats from the first panel's weights. */
  Index weights;
};

/** The weights of a Correlation as the kernels read them: [group][panel][slot][source channel][target channel], whole vectors. */
class FilterPanels {
 public:
  explicit FilterPanels(const Correlation& correlation);

  /** Panels of a group. */
  Index count() const { return c_.depthwise ? 1 : (c_.targetChannels + kernels_.columns - 1) / kernels_.columns; }
  FilterPanel panel(Index index) const;
  /** Target channels of a group, rounded up to whole vectors. */
  Index paddedTargets() const { return paddedTargets_; }
  /** Floats of the weights and the bias of a lane. */
  Index laneFloats() const { return laneFloats_; }

  const float* weights(const float* lane, Index group, const FilterPanel& panel) const {
    return lane + group * groupFloats_ + panel.weights;
  }
  const float* bias(const float* lane, Index group, const FilterPanel& panel) const {
    return lane + c_.groups * groupFloats_ + group * paddedTargets_ + panel.first;
  }
  /** `bias` may be null. */
  void pack(const float* weights, const float* bias, Index group, const FilterPanel& panel, float* lane) const;

 private:
  const Correlation& c_;
  const ConvKernels& kernels_;
  Index rows_, paddedTargets_, groupFloats_, laneFloats_;
};

}  // namespace deltalab
