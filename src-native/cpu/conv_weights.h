#pragma once

#include "conv_pictures.h"

namespace deltalab {

class PlaneWeights;

/**
 * The gradient of the weights of a convolution. Samples are cut into chunks, whose number follows from the shapes; each chunk sums up
 * for itself, and the chunks are added in order.
 */
struct WeightGradient {
  /** Rows and columns of the inputs that the outputs read. */
  AxisPlan y, x;
  Index batch, groups;
  /** Channels of a group. */
  Index inputChannels, outputChannels;
  /** One filter per channel; `groups` is 1 and both numbers of channels are all. */
  bool depthwise;
  PictureForm inputs, outputs;

  Index taps() const { return y.kernel * x.kernel; }
};

/**
 * weights (+)= the gradient, as ONNX has them: [outputs][inputs / group][taps]. `values` are the inputs and `prepared` belongs to the
 * outputs; transposed: the other way round. `chosen`: of the outputs' pool, where there is one. `planes`: null, or who sums up.
 */
void collectWeightGradient(const ConvRun& run, const WeightGradient& gradient, const PlaneWeights* planes, Pictures<const float> values, const ConvGradient& prepared,
                           bool transposed, LaneValues<unsigned char> chosen, LaneValues<float> weights, bool accumulate);

/** sums (+)= the sum over all samples and points of each channel, [channels]; pictures as they lie in memory. */
void channelSums(const ConvRun& run, const PictureForm& form, Index batch, Pictures<const float> pictures, LaneValues<float> sums,
                 bool accumulate);

}  // namespace deltalab
