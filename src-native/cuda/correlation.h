#pragma once

#include "convolution.h"
#include "device_memory.h"

namespace deltalab::cuda {

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

/** A direction of a convolution as kernels can have it: inputs to outputs, or the transpose. */
class CorrelationPlan {
 public:
  CorrelationPlan(Stream& stream, const ConvShape& shape, bool transposed);

  const Correlation& shape() const { return shape_; }
  /** Of all phases. */
  int taps() const { return taps_; }
  /** Targets of the largest phase, in all samples. */
  int targets() const { return targets_; }

 private:
  Correlation shape_;
  int taps_ = 0, targets_ = 0;
  DeviceMemory<Phase> phaseMemory_;
  DeviceMemory<Tap> tapMemory_;
  DeviceMemory<int> weightMemory_;
};

}  // namespace deltalab::cuda
