#pragma once

#include "conv_correlation.h"

namespace deltalab {

/**
 * The sums of a Correlation for a few target channels, which would leave most of a vector of channels empty: vectors lie along the rows of
 * planar pictures instead. For windows that move by one.
 */
bool narrowPays(const Correlation& correlation);

void correlateNarrow(const ConvRun& run, const Correlation& correlation, Pictures<const float> source, LaneValues<const float> weights,
                     const ConvEpilogue& epilogue, Pictures<float> target, LaneValues<unsigned char> chosen);

}  // namespace deltalab
