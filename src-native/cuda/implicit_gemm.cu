#include <algorithm>
#include <vector>

#include "convolution.h"
#include "device_memory.h"
#include "device_window.h"
#include "gemm_tile.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

/** A tap of one source channel: the way there from where a window begins, and which weight belongs to it. */
struct alignas(16) Tap {
  int offset;
  int z, y, x;
};

/**
 * Targets that use the same taps: every `step`-th along an axis. A convolution has one phase; its transpose has one for each remainder that a
 * place may have when divided by the stride, and no product with the zeros in between is computed.
 */
struct Phase {
  int firstTap, endTap;
  int first[3], count[3];

  __host__ __device__ int targets() const { return count[0] * count[1] * count[2]; }
};

/** Where a window begins in the source, of a target. */
struct Origin {
  int offset;
  int z, y, x;
};

/** A sum over windows: targets from sources, by weights. Channels and places are those of one lane. */
struct Correlation {
  int batch, groups;
  int sourceChannels, targetChannels;
  int sourceSizes[3], targetSizes[3];
  /** Target `first + i · targetStep` begins at source i · sourceStep - before. */
  int sourceStep[3], targetStep[3], before[3];
  int phaseCount;
  const Phase* phases;
  const Tap* taps;
  /** Of every tap, from the first weight of a target channel. */
  const int* weightAt;
  /** Between the first weights of target channels, and of groups. */
  int weightStep, weightGroup;

  __host__ __device__ int sourcePlane() const { return sourceSizes[0] * sourceSizes[1] * sourceSizes[2]; }
  __host__ __device__ int targetPlane() const { return targetSizes[0] * targetSizes[1] * targetSizes[2]; }
  __host__ __device__ int groupSources() const { return sourceChannels / groups; }
  __host__ __device__ int groupTargets() const { return targetChannels / groups; }

  /** Of the targets of a phase, those of all samples counted through. */
  __device__ Origin origin(const Phase& phase, int index) const {
    const int x = index % phase.count[2], y = index / phase.count[2] % phase.count[1];
    const int rest = index / phase.count[2] / phase.count[1], z = rest % phase.count[0], sample = rest / phase.count[0];
    Origin at{0, z * sourceStep[0] - before[0], y * sourceStep[1] - before[1], x * sourceStep[2] - before[2]};
    at.offset = sample * sourceChannels * sourcePlane() + (at.z * sourceSizes[1] + at.y) * sourceSizes[2] + at.x;
    return at;
  }
  __device__ float source(const float* data, const Origin& origin, const Tap& tap) const {
    const int z = origin.z + tap.z, y = origin.y + tap.y, x = origin.x + tap.x;
    const bool inside = static_cast<unsigned>(z) < static_cast<unsigned>(sourceSizes[0]) &&
                        static_cast<unsigned>(y) < static_cast<unsigned>(sourceSizes[1]) &&
                        static_cast<unsigned>(x) < static_cast<unsigned>(sourceSizes[2]);
    return inside ? data[origin.offset + tap.offset] : 0.0F;
  }
  /** The place of a target in its lane, for the first channel of its sample. */
  __device__ int target(const Phase& phase, int index) const {
    const int x = index % phase.count[2], y = index / phase.count[2] % phase.count[1];
    const int rest = index / phase.count[2] / phase.count[1], z = rest % phase.count[0], sample = rest / phase.count[0];
    return sample * targetChannels * targetPlane() +
           ((phase.first[0] + z * targetStep[0]) * targetSizes[1] + phase.first[1] + y * targetStep[1]) * targetSizes[2] + phase.first[2] +
           x * targetStep[2];
  }
};

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

/** The gradient of the weights, in pieces of the sum over the points of all samples: [lane][group][piece][outputs][taps], or to its place if there is one piece. */
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

/** What kernels know of one direction. */
class Plan {
 public:
  Plan(Stream& stream, const ConvShape& shape, bool transposed) : shape_(correlationOf(shape, transposed)) {
    const DeviceWindow window(shape.window);
    int phases[3] = {1, 1, 1};
    if (transposed) {
      for (int i = 0; i < 3; ++i) phases[i] = std::min(window.stride[i], window.input[i]);
    }
    for (int z = 0; z < phases[0]; ++z) {
      for (int y = 0; y < phases[1]; ++y) {
        for (int x = 0; x < phases[2]; ++x) addPhase(shape, window, transposed, {z, y, x});
      }
    }
    most_ = shape_.batch * hostPhases_.front().targets();
    phases_ = DeviceMemory<Phase>(stream, hostPhases_);
    taps_ = DeviceMemory<Tap>(stream, hostTaps_);
    weightAt_ = DeviceMemory<int>(stream, hostWeightAt_);
    shape_.phaseCount = static_cast<int>(hostPhases_.size());
    shape_.phases = phases_.data();
    shape_.taps = taps_.data();
    shape_.weightAt = weightAt_.data();
  }

  const Correlation& shape() const { return shape_; }
  int taps() const { return static_cast<int>(hostTaps_.size()); }

  void compute(Stream& stream, int lanes, LaneValues<const float> sources, LaneValues<const float> weights, const ConvEpilogue& epilogue,
               LaneValues<float> targets) const {
    multiplyInTiles(stream, TargetsFromSources{shape_, most_, lanes, sources, weights, epilogue, targets});
  }

 private:
  static Correlation correlationOf(const ConvShape& shape, bool transposed) {
    Correlation plan{};
    plan.batch = static_cast<int>(shape.batch);
    plan.groups = static_cast<int>(shape.groups);
    const int inputs = static_cast<int>(shape.inputChannels), outputs = static_cast<int>(shape.outputChannels);
    const int taps = static_cast<int>(shape.window.kernelSize()), filter = inputs / plan.groups * taps;
    plan.sourceChannels = transposed ? outputs : inputs;
    plan.targetChannels = transposed ? inputs : outputs;
    plan.weightStep = transposed ? taps : filter;
    plan.weightGroup = outputs / plan.groups * filter;
    const DeviceWindow window(shape.window);
    for (int i = 0; i < 3; ++i) {
      plan.sourceSizes[i] = transposed ? window.output[i] : window.input[i];
      plan.targetSizes[i] = transposed ? window.input[i] : window.output[i];
      plan.sourceStep[i] = transposed ? 1 : window.stride[i];
      plan.targetStep[i] = transposed ? window.stride[i] : 1;
      plan.before[i] = transposed ? 0 : window.before[i];
    }
    return plan;
  }

  /** Of the windows that begin at `origin`, in terms of the phase, where tap k of an axis lies; false: in none of the sources. */
  static bool reach(const DeviceWindow& window, bool transposed, int axis, int remainder, int k, int& to) {
    if (!transposed) {
      to = k * window.dilation[axis];
      return true;
    }
    const int distance = remainder + window.before[axis] - k * window.dilation[axis];
    to = distance / window.stride[axis];
    return distance % window.stride[axis] == 0;
  }

  void addPhase(const ConvShape& shape, const DeviceWindow& window, bool transposed, const std::array<int, 3>& first) {
    Phase phase{};
    phase.firstTap = taps();
    for (int i = 0; i < 3; ++i) {
      const int step = shape_.targetStep[i];
      phase.first[i] = first[static_cast<size_t>(i)];
      phase.count[i] = (shape_.targetSizes[i] - phase.first[i] + step - 1) / step;
    }
    const int filter = static_cast<int>(shape.groupInputs()) * window.taps();
    for (int channel = 0; channel < shape_.groupSources(); ++channel) {
      for (int tap = 0; tap < window.taps(); ++tap) {
        Tap at{};
        const bool there = reach(window, transposed, 0, first[0], tap / window.kernel[2] / window.kernel[1], at.z) &&
                           reach(window, transposed, 1, first[1], tap / window.kernel[2] % window.kernel[1], at.y) &&
                           reach(window, transposed, 2, first[2], tap % window.kernel[2], at.x);
        if (!there) continue;
        at.offset = channel * shape_.sourcePlane() + (at.z * shape_.sourceSizes[1] + at.y) * shape_.sourceSizes[2] + at.x;
        hostTaps_.push_back(at);
        hostWeightAt_.push_back(channel * (transposed ? filter : window.taps()) + tap);
      }
    }
    phase.endTap = taps();
    hostPhases_.push_back(phase);
  }

  Correlation shape_;
  int most_ = 0;
  std::vector<Phase> hostPhases_;
  std::vector<Tap> hostTaps_;
  std::vector<int> hostWeightAt_;
  DeviceMemory<Phase> phases_;
  DeviceMemory<Tap> taps_;
  DeviceMemory<int> weightAt_;
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

  void forward(LaneValues<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue, LaneValues<float> outputs) const override {
    forward_.compute(stream_, lanes_, inputs, weights, epilogue, outputs);
  }

  void transposed(LaneValues<const float> outputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                  LaneValues<float> inputs) const override {
    transposed_.compute(stream_, lanes_, outputs, weights, epilogue, inputs);
  }

  void weightGradient(LaneValues<const float> inputs, LaneValues<const float> outputs, LaneValues<float> weights, bool accumulate) const override {
    const Correlation& shape = forward_.shape();
    multiplyInTiles(stream_, WeightsFromPoints{shape, forward_.taps(), lanes_, pieces_, pieceLength_, inputs, outputs, weights, parts_.data(), accumulate});
    if (pieces_ == 1) return;
    const size_t groups = static_cast<size_t>(shape.groups), all = this->weights();
    sumUp(stream_, lanes_, all, static_cast<size_t>(pieces_), SumOfPieces{parts_.data(), static_cast<size_t>(pieces_), all / groups, groups, weights, accumulate});
  }

 private:
  size_t weights() const { return static_cast<size_t>(forward_.shape().targetChannels) * static_cast<size_t>(forward_.taps()); }

  /** Pieces of the sum over so many points: enough tiles for all processors of a card, and at least some hundred points each. From the shape alone. */
  int piecesOf(int points) const {
    constexpr int kLeastPoints = 512, kTiles = 256, kMostPieces = 64;
    const int tiles = static_cast<int>(blocksFor(static_cast<size_t>(forward_.shape().groupTargets()), 64) *
                                       blocksFor(static_cast<size_t>(forward_.taps()), 64)) * forward_.shape().groups;
    return std::max(1, std::min({kTiles / tiles, points / kLeastPoints, kMostPieces}));
  }

  Stream& stream_;
  int lanes_;
  Plan forward_, transposed_;
  int pieces_ = 1, pieceLength_ = 0;
  DeviceMemory<float> parts_;
};

}  // namespace

std::unique_ptr<Convolution> makeImplicitGemm(Stream& stream, const ConvShape& shape, int lanes, bool learns) {
  return std::make_unique<ImplicitGemm>(stream, shape, lanes, learns);
}

}  // namespace deltalab::cuda
