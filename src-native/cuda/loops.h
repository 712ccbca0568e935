#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/errors.h"
#include "device.h"
#include "ops/broadcast.h"

namespace deltalab::cuda {

[[noreturn]] inline void failRank() {
  throw EngineError("engine.argument", "More than 8 dimensions that differ between the operands are not computed on a graphics card",
                    {{"argument", std::string("rank")}, {"reason", std::string("at most 8 dimensions on a graphics card")}});
}

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
    if (rank == kMaxRank) failRank();
    sizes[rank] = size;
    for (int i = 0; i < N; ++i) steps[rank][i] = own[i];
    ++rank;
    count *= size;
  }

  __host__ __device__ Offsets at(size_t element) const {
    // Divisions of 64 bits take a card many times as long.
    return count <= UINT32_MAX ? split(static_cast<uint32_t>(element)) : split(element);
  }

 private:
  template <class Index>
  __host__ __device__ Offsets split(Index element) const {
    Offsets offsets{};
    for (int loop = rank; loop-- > 1;) {
      const Index size = static_cast<Index>(sizes[loop]);
      move(offsets, loop, element % size);
      element /= size;
    }
    move(offsets, 0, element);
    return offsets;
  }

  __host__ __device__ void move(Offsets& offsets, int loop, size_t index) const {
    for (int i = 0; i < N; ++i) offsets.of[i] += static_cast<ptrdiff_t>(index) * steps[loop][i];
  }
};

/**
 * The elements of `output`, over which N inputs were spread, as those of input `side` (`kept`) and for each of them those it was spread to
 * (`summed`): offsets in the output first, then in the inputs.
 */
template <int N>
void splitLoops(const std::array<const Shape*, N>& inputs, int side, const Shape& output, DeviceLoops<N + 1>& kept, DeviceLoops<N + 1>& summed) {
  const std::vector<ptrdiff_t> outputStrides = stridesOf(output);
  std::array<std::vector<ptrdiff_t>, N> strides;
  for (size_t i = 0; i < N; ++i) strides[i] = stridesOf(*inputs[i]);
  Loops<N + 1> keptLoops, summedLoops;
  for (size_t dimension = 0; dimension < output.size(); ++dimension) {
    typename Loops<N + 1>::Steps steps{outputStrides[dimension]};
    bool repeats = false;
    for (size_t i = 0; i < N; ++i) {
      const size_t missing = output.size() - inputs[i]->size();
      const bool spread = dimension < missing || (*inputs[i])[dimension - missing] == 1;
      if (!spread) steps[i + 1] = strides[i][dimension - missing];
      else if (static_cast<int>(i) == side) repeats = true;
    }
    (repeats ? summedLoops : keptLoops).add(static_cast<size_t>(output[dimension]), steps);
  }
  kept = DeviceLoops<N + 1>(keptLoops);
  summed = DeviceLoops<N + 1>(summedLoops);
}

}  // namespace deltalab::cuda
