#pragma once

#include "conv_pictures.h"

namespace deltalab {

/**
 * Sums over windows: the forward pass of a convolution, and its transpose. Each target is a sum over taps of a source position times
 * weights; `y` and `x` say which (conv_geometry.h).
 *
 * Two ways to walk through a picture. Along lines: neighbouring pixels of a row share a tile of registers; windows that reach over the
 * left or right end read zeros. Across samples: the same pixel of several samples shares a tile, and only taps inside the picture are
 * computed; it pays for small pictures with large windows. Both add the same products in the same order.
 */
struct Correlation {
  AxisPlan y, x;
  Index batch, groups;
  /** Channels of a group. */
  Index sourceChannels, targetChannels;
  /** One filter per channel; `groups` is 1 and both numbers of channels are all. */
  bool depthwise;
  PictureForm source, target;
  /** Weights are [outputs][inputs / group][taps]. Transposed: the target is the input, and slots count the taps from the last. */
  bool transposed;
  /** Rows of the packed weights, [slot][source channel], of the taps of a filter; transposed: of a source channel. */
  std::vector<Index> places;

  Index taps() const { return y.kernel * x.kernel; }
};

/** target = the sums, `chosen` of the side that has a pool ([lanes][batch][points][channels]). */
void correlate(const ConvRun& run, const Correlation& correlation, Pictures<const float> source, LaneValues<const float> weights,
               const ConvEpilogue& epilogue, Pictures<float> target, LaneValues<unsigned char> chosen);

}  // namespace deltalab
