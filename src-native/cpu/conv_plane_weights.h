#pragma once

#include <memory>

#include "conv_planes.h"
#include "conv_weights.h"

namespace deltalab {

/** The sums of a WeightGradient on planar pictures, for few channels of outputs (of a group): each weight is a product of two pictures. */
class PlaneWeights {
 public:
  /** Null where the way along channels is faster. */
  static std::unique_ptr<PlaneWeights> where(const WeightGradient& gradient);

  explicit PlaneWeights(const WeightGradient& gradient);

  /** Samples that are summed up together. */
  Index together() const { return together_; }
  Index scratchSize() const;
  /** sums [outputs][inputs / group][taps] += those of `count` samples, at most `together`; `outputs` are gradients. */
  void add(const float* inputs, const float* outputs, const unsigned char* chosen, Index count, float* sums, float* memory) const;

 private:
  Index sourceFloats() const { return (sources_.size() + 15) / 16 * 16; }

  PictureForm inputs_, outputs_;
  Index groups_, inputChannels_, outputChannels_;
  Planes sources_, gradients_;
  /** Of the inputs and taps of a group. */
  std::vector<Index> offsets_;
  Index together_;
};

}  // namespace deltalab
