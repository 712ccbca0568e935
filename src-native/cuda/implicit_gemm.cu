#include <algorithm>

#include "correlation.h"
#include "gemm_tile.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

/** [target channels of the group][taps]. */
struct WeightSide {
  const float* data;
  const int* weightAt;
  int step;

  __device__ bool deepFirst() const { return true; }
  __device__ int line(int target) const { return target * step; }
  __device__ int depth(int tap) const { return weightAt[tap]; }
  __device__ float at(int line, int depth) const { return data[line + depth]; }
};

/** [taps][targets]: the sources that windows cover. */
struct WindowSide {
  const Correlation& shape;
  const Phase& phase;
  const float* data;

  __device__ bool deepFirst() const { return false; }
  __device__ Origin line(int target) const { return shape.origin(phase, target); }
  __device__ Tap depth(int tap) const { return shape.taps[tap]; }
  __device__ float at(const Origin& origin, const Tap& tap) const { return shape.source(data, origin, tap); }
};

/** Targets of every lane, group and phase: [target channels of the group][taps] · [taps][targets of the phase]. */
struct TargetsFromSources {
  Correlation shape;
  /** Targets of the largest phase, in all samples. */
  int most;
  int lanes;
  LaneValues<const float> sources, weights;
  ConvEpilogue epilogue;
  LaneValues<float> targets;

  __host__ __device__ int rows() const { return shape.groupTargets(); }
  __host__ __device__ int columns() const { return most; }
  __host__ __device__ int items() const { return lanes * shape.groups * shape.phaseCount; }
  __device__ const Phase& phaseOf(int item) const { return shape.phases[item % shape.phaseCount]; }
  __device__ int groupOf(int item) const { return item / shape.phaseCount % shape.groups; }
  __device__ int laneOf(int item) const { return item / shape.phaseCount / shape.groups; }

  __device__ Range depths(int item) const { return {phaseOf(item).firstTap, phaseOf(item).endTap}; }
  __device__ WeightSide left(int item) const {
    return {weights.of(laneOf(item)) + groupOf(item) * shape.weightGroup, shape.weightAt, shape.weightStep};
  }
  __device__ WindowSide right(int item) const {
    return {shape, phaseOf(item), sources.of(laneOf(item)) + groupOf(item) * shape.groupSources() * shape.sourcePlane()};
  }
  /** -1 beyond the targets of a phase that has fewer. */
  __device__ int place(int item, int column) const {
    const Phase& phase = phaseOf(item);
    return column < shape.batch * phase.targets() ? shape.target(phase, column) : -1;
  }
  __device__ void store(int item, int row, int place, float sum) const {
    if (place < 0) return;
    const int lane = laneOf(item), channel = groupOf(item) * shape.groupTargets() + row;
    epilogue.store(sum, lane, channel, targets.of(lane) + (place + channel * shape.targetPlane()));
  }
};

/** [outputs of the group][points of all samples]. */
struct OutputSide {
  const float* data;
  int plane, sample;

  __device__ bool deepFirst() const { return true; }
  __device__ int line(int channel) const { return channel * plane; }
  __device__ int depth(int point) const { return point / plane * sample + point % plane; }
  __device__ float at(int line, int depth) const { return data[line + depth]; }
};

/** [points of all samples][taps]: the inputs under the windows. */
struct TapSide {
  const Correlation& shape;
  const Phase& phase;
  const float* data;

  __device__ bool deepFirst() const { return true; }
  __device__ Tap line(int tap) const { return shape.taps[tap]; }
  __device__ Origin depth(int point) const { return shape.origin(phase, point); }
  __device__ float at(const Tap& tap, const Origin& origin) const { return shape.source(data, origin, tap); }
};

/**
 * The gradient of the weights, in pieces of the sum over the points of all samples: to parts, [lane][group][piece][outputs][taps], or to its place
 * where there is one piece.
 */
struct WeightsFromPoints {
  Correlation shape;
  int taps;
  int lanes, pieces, pieceLength;
  LaneValues<const float> inputs, outputs;
  LaneValues<float> weights;
  float* parts;
  bool accumulate;

  __host__ __device__ int rows() const { return shape.groupTargets(); }
  __host__ __device__ int columns() const { return taps; }
  __host__ __device__ int items() const { return lanes * shape.groups * pieces; }
  __device__ int groupOf(int item) const { return item / pieces % shape.groups; }
  __device__ int laneOf(int item) const { return item / pieces / shape.groups; }

  __device__ Range depths(int item) const {
    const int points = shape.batch * shape.targetPlane(), begin = item % pieces * pieceLength;
    return {begin, points - begin < pieceLength ? points : begin + pieceLength};
  }
  __device__ OutputSide left(int item) const {
    const int plane = shape.targetPlane();
    return {outputs.of(laneOf(item)) + groupOf(item) * shape.groupTargets() * plane, plane, shape.targetChannels * plane};
  }
  __device__ TapSide right(int item) const {
    return {shape, shape.phases[0], inputs.of(laneOf(item)) + groupOf(item) * shape.groupSources() * shape.sourcePlane()};
  }
  __device__ int place(int, int column) const { return column; }
  __device__ void store(int item, int row, int tap, float sum) const {
    const int at = row * taps + tap;
    if (pieces > 1) {
      parts[static_cast<size_t>(item) * static_cast<size_t>(rows() * taps) + static_cast<size_t>(at)] = sum;
      return;
    }
    float* to = weights.of(laneOf(item)) + groupOf(item) * rows() * taps + at;
    *to = (accumulate ? *to : 0.0F) + sum;
  }
};

/** The sum of the pieces: of weight i of a lane. */
struct SumOfPieces {
  const float* parts;
  size_t pieces, group, groups;
  LaneValues<float> weights;
  bool accumulate;

  __device__ float term(int lane, size_t i, size_t piece) const {
    return parts[((static_cast<size_t>(lane) * groups + i / group) * pieces + piece) * group + i % group];
  }
  __device__ void store(int lane, size_t i, double sum) const {
    float* to = weights.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(sum);
  }
};

class ImplicitGemm final : public Convolution {
 public:
  ImplicitGemm(Stream& stream, const ConvShape& shape, int lanes, bool learns)
      : stream_(stream), lanes_(lanes), forward_(stream, shape, false), transposed_(stream, shape, true) {
    if (!learns) return;
    const int points = forward_.shape().batch * forward_.shape().targetPlane();
    pieces_ = piecesOf(points);
    pieceLength_ = std::max(1, (points / pieces_ + kDepth - 1) / kDepth) * kDepth;
    pieces_ = std::max(1, (points + pieceLength_ - 1) / pieceLength_);
    if (pieces_ > 1) parts_ = DeviceMemory<float>(stream, static_cast<size_t>(lanes) * static_cast<size_t>(pieces_) * weights());
  }

  void forward(LaneValues<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
               LaneValues<float> outputs) const override {
    multiplyInTiles(stream_, TargetsFromSources{forward_.shape(), forward_.targets(), lanes_, inputs, weights, epilogue, outputs});
  }

  void transposed(LaneValues<const float> outputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                  LaneValues<float> inputs) const override {
    multiplyInTiles(stream_, TargetsFromSources{transposed_.shape(), transposed_.targets(), lanes_, outputs, weights, epilogue, inputs});
  }

  void weightGradient(LaneValues<const float> inputs, LaneValues<const float> outputs, LaneValues<float> weights, bool accumulate) const override {
    const Correlation& shape = forward_.shape();
    multiplyInTiles(stream_, WeightsFromPoints{shape, forward_.taps(), lanes_, pieces_, pieceLength_, inputs, outputs, weights, parts_.data(),
                                               accumulate});
    if (pieces_ == 1) return;
    const size_t groups = static_cast<size_t>(shape.groups), pieces = static_cast<size_t>(pieces_), all = this->weights();
    sumUp(stream_, lanes_, all, pieces, SumOfPieces{parts_.data(), pieces, all / groups, groups, weights, accumulate});
  }

 private:
  size_t weights() const { return static_cast<size_t>(forward_.shape().targetChannels) * static_cast<size_t>(forward_.taps()); }

  /** Pieces of the sum over so many points, from the shape alone: enough tiles for all processors of a card, and some hundred points each. */
  int piecesOf(int points) const {
    constexpr int kLeastPoints = 512, kTiles = 256, kMostPieces = 64;
    const unsigned down = blocksFor(static_cast<size_t>(forward_.shape().groupTargets()), 64);
    const unsigned across = blocksFor(static_cast<size_t>(forward_.taps()), 64);
    const int tiles = std::max(1, static_cast<int>(down * across) * forward_.shape().groups);
    return std::max(1, std::min({kTiles / tiles, points / kLeastPoints, kMostPieces}));
  }

  Stream& stream_;
  int lanes_;
  CorrelationPlan forward_, transposed_;
  int pieces_ = 1, pieceLength_ = 0;
  DeviceMemory<float> parts_;
};

}  // namespace

std::unique_ptr<Convolution> makeImplicitGemm(Stream& stream, const ConvShape& shape, int lanes, bool learns) {
  return std::make_unique<ImplicitGemm>(stream, shape, lanes, learns);
}

}  // namespace deltalab::cuda
