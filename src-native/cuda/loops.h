#pragma once

#include <cstddef>

#include "core/errors.h"
#include "device.h"
#include "ops/loops.h"

namespace deltalab::cuda {

/** Loops (ops/loops.h) as a kernel can have them: where N operands stand at an element. */
template <int N>
struct DeviceLoops {
  static constexpr int kMaxRank = 8;

  /** Offsets of the operands, in elements. */
  struct Offsets {
    ptrdiff_t of[N];
  };

  int rank = 0;
  /** Elements in all. */
  size_t count = 1;
  size_t sizes[kMaxRank] = {};
  ptrdiff_t steps[kMaxRank][N] = {};

  DeviceLoops() = default;
  explicit DeviceLoops(const Loops<N>& loops) {
    for (size_t loop = 0; loop < loops.rank(); ++loop) {
      ptrdiff_t own[N];
      for (int i = 0; i < N; ++i) own[i] = loops.step(loop, i);
      add(loops.size(loop), own);
    }
  }

  /** Adds an inner loop. */
  void add(size_t size, const ptrdiff_t (&own)[N]) {
    if (rank == kMaxRank) {
      throw EngineError("device.operator", "More than 8 dimensions that differ between the operands are not computed on a graphics card",
                        {{"reason", std::string("more than 8 dimensions")}});
    }
    sizes[rank] = size;
    for (int i = 0; i < N; ++i) steps[rank][i] = own[i];
    ++rank;
    count *= size;
  }

  __host__ __device__ Offsets at(size_t element) const {
    Offsets offsets{};
    for (int loop = rank; loop-- > 0;) {
      const ptrdiff_t index = static_cast<ptrdiff_t>(element % sizes[loop]);
      element /= sizes[loop];
      for (int i = 0; i < N; ++i) offsets.of[i] += index * steps[loop][i];
    }
    return offsets;
  }
};

/**
 * The elements of `output`, over which an input was spread, as those of the input (`kept`) and for each of them those it was spread to
 * (`summed`): both with the offset in the output first and that in the input second.
 */
inline void splitLoops(const Shape& input, const Shape& output, DeviceLoops<2>& kept, DeviceLoops<2>& summed) {
  const std::vector<ptrdiff_t> inputStrides = stridesOf(input), outputStrides = stridesOf(output);
  const size_t missing = output.size() - input.size();
  Loops<2> keptLoops, summedLoops;
  for (size_t dimension = 0; dimension < output.size(); ++dimension) {
    const size_t size = static_cast<size_t>(output[dimension]);
    const ptrdiff_t own = outputStrides[dimension];
    if (dimension < missing || input[dimension - missing] == 1) summedLoops.add(size, {own, 0});
    else keptLoops.add(size, {own, inputStrides[dimension - missing]});
  }
  kept = DeviceLoops<2>(keptLoops);
  summed = DeviceLoops<2>(summedLoops);
}

}  // namespace deltalab::cuda
