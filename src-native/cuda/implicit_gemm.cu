#include "correlation.h"
#include "gemm_tile_mma.h"
#include "lane_lines.h"
#include "sum_pieces.h"

namespace deltalab::cuda {

namespace {

/** [target channels of the group][taps]. */
struct WeightSide {
  const float* data;
  const int* weightAt;
  LaneLines targets;

  __device__ bool deepFirst() const { return true; }
  __device__ size_t line(int target) const { return targets.at(target); }
  __device__ int depth(int tap) const { return weightAt[tap]; }
  __device__ float at(size_t line, int depth) const { return data[line + static_cast<size_t>(depth)]; }
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

/**
 * Targets of every lane, group and phase: [target channels of the group][taps] · [taps][targets of the phase]. Where lanes share
 * the sources, their channels lie below each other (`down`), and what windows cover is read once for all of them.
 */
struct TargetsFromSources {
  Correlation shape;
  /** Targets of the largest phase, in all samples. */
  int most;
  int lanes, down;
  LaneValues<const float> sources, weights;
  ConvEpilogue epilogue;
  LaneValues<float> targets;

  __host__ __device__ int rows() const { return shape.groupTargets() * down; }
  __host__ __device__ int columns() const { return most; }
  __host__ __device__ int items() const { return lanes / down * shape.groups * shape.phaseCount; }
  __device__ const Phase& phaseOf(int item) const { return shape.phases[item % shape.phaseCount]; }
  __device__ int groupOf(int item) const { return item / shape.phaseCount % shape.groups; }
  __device__ int laneOf(int item) const { return item / shape.phaseCount / shape.groups; }

  __device__ Range depths(int item) const { return {phaseOf(item).firstTap, phaseOf(item).endTap}; }
  __device__ WeightSide left(int item) const {
    return {weights.of(laneOf(item)) + groupOf(item) * shape.weightGroup, shape.weightAt,
            LaneLines(static_cast<size_t>(shape.weightStep), shape.groupTargets(), weights.lane, down)};
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
    const int before = down == 1 ? 0 : row / shape.groupTargets();
    const int lane = laneOf(item) + before, channel = (groupOf(item) - before) * shape.groupTargets() + row;
    epilogue.store(sum, lane, channel, targets.of(lane) + (place + channel * shape.targetPlane()));
  }
};

/** [outputs of the group][points of all samples]. */
struct OutputSide {
  const float* data;
  int plane, sample;
  LaneLines channels;

  __device__ bool deepFirst() const { return true; }
  __device__ size_t line(int channel) const { return channels.at(channel); }
  __device__ int depth(int point) const { return point / plane * sample + point % plane; }
  __device__ float at(size_t line, int depth) const { return data[line + static_cast<size_t>(depth)]; }
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
 * where there is one piece. Where lanes share the inputs, their outputs lie below each other (`down`).
 */
struct WeightsFromPoints {
  Correlation shape;
  int taps;
  int lanes, down;
  SumPieces pieces;
  LaneValues<const float> inputs, outputs;
  LaneValues<float> weights;
  float* parts;
  bool accumulate;

  __host__ __device__ int rows() const { return shape.groupTargets() * down; }
  __host__ __device__ int columns() const { return taps; }
  __host__ __device__ int items() const { return lanes / down * shape.groups * pieces.count; }
  __device__ int groupOf(int item) const { return item / pieces.count % shape.groups; }
  __device__ int laneOf(int item) const { return item / pieces.count / shape.groups; }

  __device__ Range depths(int item) const { return pieces.range(item % pieces.count); }
  __device__ OutputSide left(int item) const {
    const int plane = shape.targetPlane();
    return {outputs.of(laneOf(item)) + groupOf(item) * shape.groupTargets() * plane, plane, shape.targetChannels * plane,
            LaneLines(static_cast<size_t>(plane), shape.groupTargets(), outputs.lane, down)};
  }
  __device__ TapSide right(int item) const {
    return {shape, shape.phases[0], inputs.of(laneOf(item)) + groupOf(item) * shape.groupSources() * shape.sourcePlane()};
  }
  __device__ int place(int, int column) const { return column; }
  __device__ void store(int item, int row, int tap, float sum) const {
    const int before = down == 1 ? 0 : row / shape.groupTargets(), lane = laneOf(item) + before, group = groupOf(item);
    const int at = (row - before * shape.groupTargets()) * taps + tap, all = shape.groupTargets() * taps;
    if (pieces.count > 1) {
      const int part = (lane * shape.groups + group) * pieces.count + item % pieces.count;
      parts[static_cast<size_t>(part) * static_cast<size_t>(all) + static_cast<size_t>(at)] = sum;
      return;
    }
    float* to = weights.of(lane) + group * all + at;
    *to = (accumulate ? *to : 0.0F) + sum;
  }
};

/** Sums of pieces on their way to the gradient. */
struct StoredWeights {
  size_t group;
  LaneValues<float> weights;
  bool accumulate;

  __device__ void operator()(int lane, size_t of, size_t i, float sum) const {
    float* to = weights.of(lane) + of * group + i;
    *to = (accumulate ? *to : 0.0F) + sum;
  }
};

class ImplicitGemm final : public Convolution {
 public:
  ImplicitGemm(Stream& stream, Precision precision, const ConvShape& shape, int lanes, bool learns)
      : stream_(stream), precision_(precision), lanes_(lanes), forward_(stream, shape, false), transposed_(stream, shape, true) {
    if (!learns) return;
    const Correlation& of = forward_.shape();
    pieces_ = SumPieces(of.groupTargets(), forward_.taps(), of.groups, of.batch * of.targetPlane());
    parts_ = DeviceMemory<float>(stream, static_cast<size_t>(lanes) * pieces_.memory(static_cast<size_t>(of.groups) * groupWeights()));
  }

  void forward(LaneValues<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
               LaneValues<float> outputs) const override {
    computeTargets(forward_, inputs, weights, epilogue, outputs);
  }

  void transposed(LaneValues<const float> outputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                  LaneValues<float> inputs) const override {
    computeTargets(transposed_, outputs, weights, epilogue, inputs);
  }

  void weightGradient(LaneValues<const float> inputs, LaneValues<const float> outputs, LaneValues<float> weights, bool accumulate) const override {
    const Correlation& shape = forward_.shape();
    const int down = lanesTogether(lanes_, shape.groupTargets(), inputs.lane);
    multiplyInTiles(stream_, precision_,
                    WeightsFromPoints{shape, forward_.taps(), lanes_, down, pieces_, inputs, outputs, weights, parts_.data(), accumulate});
    if (pieces_.count == 1) return;
    joinPieces(stream_, lanes_, pieces_, static_cast<size_t>(shape.groups), groupWeights(), parts_.data(),
               StoredWeights{groupWeights(), weights, accumulate});
  }

 private:
  void computeTargets(const CorrelationPlan& plan, LaneValues<const float> sources, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                      LaneValues<float> targets) const {
    const int down = lanesTogether(lanes_, plan.shape().groupTargets(), sources.lane);
    multiplyInTiles(stream_, precision_, TargetsFromSources{plan.shape(), plan.targets(), lanes_, down, sources, weights, epilogue, targets});
  }

  size_t groupWeights() const { return static_cast<size_t>(forward_.shape().groupTargets()) * static_cast<size_t>(forward_.taps()); }

  Stream& stream_;
  Precision precision_;
  int lanes_;
  CorrelationPlan forward_, transposed_;
  SumPieces pieces_;
  DeviceMemory<float> parts_;
};

}  // namespace

std::unique_ptr<Convolution> makeImplicitGemm(Stream& stream, Precision precision, const ConvShape& shape, int lanes, bool learns) {
  return std::make_unique<ImplicitGemm>(stream, precision, shape, lanes, learns);
}

}  // namespace deltalab::cuda
