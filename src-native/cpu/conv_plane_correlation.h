#pragma once

#include "conv_correlation.h"
#include "conv_planes.h"

namespace deltalab {

/**
 * The sums of a Correlation on planar pictures, for few target channels (of a group), which would leave most of a vector of channels empty.
 * A sample is one piece of work.
 */
class PlaneCorrelation {
 public:
  /** Null where the way along channels is faster. The correlation must stay where it is. */
  static std::unique_ptr<PlaneCorrelation> where(const Correlation& correlation);

  explicit PlaneCorrelation(const Correlation& correlation);

  void operator()(const ConvRun& run, Pictures<const float> source, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                  Pictures<float> target, LaneValues<unsigned char> chosen) const;

 private:
  /** Targets that use the same taps, and the taps: spans of the planes of a group, and their numbers for each source channel. */
  struct Phase {
    const AxisPhase *down, *across;
    std::vector<ConvSpan> spans;
    std::vector<Index> taps;
    /** Floats from the first weights of a panel. */
    Index weights;

    /** From the first target to the last, with what falls between the rows. */
    Index count(Index row) const { return (down->count - 1) * row + across->count; }
  };

  Index panels() const { return (targetChannels_ + kPlaneChannels - 1) / kPlaneChannels; }
  Index panelFloats() const { return c_.taps() * sourceChannels_ * kPlaneChannels; }
  /** Whether the result can be stored row by row. */
  bool planarTarget() const { return !c_.target.pool && (!c_.target.channelsLast || c_.target.channels == 1); }
  Index scratchSize() const;
  void addPhase(const AxisPhase& down, const AxisPhase& across);
  void pack(const float* weights, Index group, Index panel, float* to) const;
  void computePhase(const Phase& phase, const float* planes, const float* packed, const float* bias, const ConvEpilogue& epilogue,
                    float* sums) const;
  void storeRows(const Phase& phase, const float* sums, float* sample, bool accumulate) const;

  const Correlation& c_;
  Index groups_, sourceChannels_, targetChannels_;
  Planes planes_;
  std::vector<Phase> phases_;
  /** Floats between the channels of the sums of a phase. */
  Index sumPlane_ = 0;
};

}  // namespace deltalab
