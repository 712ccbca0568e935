#pragma once

#include <algorithm>
#include <cstddef>

#include "device_memory.h"
#include "step.h"
#include "sums.h"

namespace deltalab::cuda {

/** Values [outer][rows][inner], of which a row is summed up over outer and inner. */
struct Planes {
  size_t outer = 1, rows = 1, inner = 1;

  /** Values of a row. */
  __host__ __device__ size_t terms() const { return outer * inner; }
  /** What is summed up lies side by side across the rows, not along them. */
  bool columns() const { return inner == 1 && outer > 1; }
};

/** N sums of a row. */
template <int N>
struct Sums {
  double of[N];

  __device__ void add(const Sums& more) {
    for (int i = 0; i < N; ++i) of[i] += more.of[i];
  }
};

/** Sums of pieces of rows, [pieces][rows] of every lane; without memory there is one piece, whose sums are final. */
template <int N>
struct Pieces {
  size_t length = 1;
  LaneValues<Sums<N>> sums;

  template <class F>
  __device__ void put(const F& f, int lane, size_t rows, size_t row, const Sums<N>& own) const {
    if (sums.data) sums.of(lane)[blockIdx.y * rows + row] = own;
    else f.store(lane, row, own);
  }
};

/** The share of thread `own` of `threads` in the terms first ... end - 1 of a row. */
template <int N, class F>
__device__ Sums<N> termsOf(const F& f, int lane, const Planes& planes, size_t row, size_t first, size_t end, size_t own, size_t threads) {
  Sums<N> sums{};
  size_t outer = (first + own) / planes.inner, inner = (first + own) % planes.inner;
  const size_t down = threads / planes.inner, across = threads % planes.inner;
  for (size_t term = first + own; term < end; term += threads) {
    sums.add(f.term(lane, row, outer, (outer * planes.rows + row) * planes.inner + inner));
    outer += down;
    inner += across;
    if (inner >= planes.inner) {
      inner -= planes.inner;
      ++outer;
    }
  }
  return sums;
}

/** A thread a row. */
template <int N, class F>
__global__ void shortRowsKernel(Planes planes, Pieces<N> pieces, F f) {
  const size_t row = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int lane = static_cast<int>(blockIdx.z);
  if (row < planes.rows) pieces.put(f, lane, planes.rows, row, termsOf<N>(f, lane, planes, row, 0, planes.terms(), 0, 1));
}

/** A warp a row. */
template <int N, class F>
__global__ void warpRowsKernel(Planes planes, Pieces<N> pieces, F f) {
  const size_t row = static_cast<size_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  const int lane = static_cast<int>(blockIdx.z);
  if (row >= planes.rows) return;
  Sums<N> sums = termsOf<N>(f, lane, planes, row, 0, planes.terms(), threadIdx.x % 32, 32);
  for (unsigned delta = 16; delta > 0; delta /= 2) {
    for (int i = 0; i < N; ++i) sums.of[i] += __shfl_down_sync(0xffffffffu, sums.of[i], delta);
  }
  if (threadIdx.x % 32 == 0) pieces.put(f, lane, planes.rows, row, sums);
}

/** A block a piece of a row. */
template <int N, class F>
__global__ void blockRowsKernel(Planes planes, Pieces<N> pieces, F f) {
  const int lane = static_cast<int>(blockIdx.z);
  const size_t row = blockIdx.x, first = blockIdx.y * pieces.length, terms = planes.terms();
  const size_t end = terms - first < pieces.length ? terms : first + pieces.length;
  Sums<N> sums = termsOf<N>(f, lane, planes, row, first, end, threadIdx.x, kThreads);
  for (int i = 0; i < N; ++i) sums.of[i] = blockSum(sums.of[i]);
  if (threadIdx.x == 0) pieces.put(f, lane, planes.rows, row, sums);
}

/** Of columns: a block takes 32 rows side by side, a warp every eighth value of each. */
template <int N, class F>
__global__ void columnsKernel(Planes planes, Pieces<N> pieces, F f) {
  constexpr unsigned kDeep = kThreads / 32;
  __shared__ Sums<N> parts[kDeep][32];
  const int lane = static_cast<int>(blockIdx.z);
  const unsigned across = threadIdx.x % 32, deep = threadIdx.x / 32;
  const size_t row = static_cast<size_t>(blockIdx.x) * 32 + across, first = blockIdx.y * pieces.length;
  const size_t end = planes.outer - first < pieces.length ? planes.outer : first + pieces.length;
  Sums<N> sums{};
  for (size_t outer = first + deep; row < planes.rows && outer < end; outer += kDeep) sums.add(f.term(lane, row, outer, outer * planes.rows + row));
  parts[deep][across] = sums;
  __syncthreads();
  if (deep > 0 || row >= planes.rows) return;
  for (unsigned i = 1; i < kDeep; ++i) sums.add(parts[i][across]);
  pieces.put(f, lane, planes.rows, row, sums);
}

template <int N, class F>
__global__ void joinPiecesKernel(size_t rows, size_t count, Pieces<N> pieces, F f) {
  const size_t row = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  const int lane = static_cast<int>(blockIdx.y);
  if (row >= rows) return;
  Sums<N> sums{};
  for (size_t piece = 0; piece < count; ++piece) sums.add(pieces.sums.of(lane)[piece * rows + row]);
  f.store(lane, row, sums);
}

/**
 * f.store(lane, row, Σ f.term(lane, row, outer, at)) for every row of every lane, `at` being the place of the value [outer][row][...]: N sums at a
 * time, in double and in an order that follows from the shape alone. Neighbouring threads read neighbouring values, along rows or across them; long
 * rows are summed up in pieces, so that few of them are work for a whole card, too.
 */
template <int N>
class PlaneSums {
 public:
  PlaneSums() = default;
  PlaneSums(Stream& stream, int lanes, const Planes& planes) : planes_(planes) {
    const size_t length = planes.columns() ? planes.outer : planes.terms(), least = planes.columns() ? 512 : 16384;
    constexpr size_t kMost = 64;
    const size_t wanted = std::min(kMost, (length + least - 1) / least);
    pieces_.length = (length + wanted - 1) / wanted;
    count_ = (length + pieces_.length - 1) / pieces_.length;
    if (count_ == 1) return;
    memory_ = DeviceMemory<Sums<N>>(stream, static_cast<size_t>(lanes) * count_ * planes.rows);
    pieces_.sums = {memory_.data(), count_ * planes.rows};
  }

  const Planes& planes() const { return planes_; }

  template <class F>
  void sumUp(Stream& stream, int lanes, const F& f) const {
    constexpr size_t kShort = 16, kWarp = 1024;
    const unsigned y = static_cast<unsigned>(count_), z = static_cast<unsigned>(lanes);
    if (planes_.terms() <= kShort) {
      stream.launchFlat(shortRowsKernel<N, F>, dim3(blocksFor(planes_.rows, kThreads), y, z), dim3(kThreads), planes_, pieces_, f);
    } else if (planes_.columns()) {
      stream.launch(columnsKernel<N, F>, dim3(blocksFor(planes_.rows, 32), y, z), dim3(kThreads), planes_, pieces_, f);
    } else if (planes_.terms() <= kWarp) {
      stream.launch(warpRowsKernel<N, F>, dim3(blocksFor(planes_.rows, kThreads / 32), y, z), dim3(kThreads), planes_, pieces_, f);
    } else {
      stream.launch(blockRowsKernel<N, F>, dim3(static_cast<unsigned>(planes_.rows), y, z), dim3(kThreads), planes_, pieces_, f);
    }
    if (count_ == 1) return;
    stream.launchFlat(joinPiecesKernel<N, F>, dim3(blocksFor(planes_.rows, kThreads), z), dim3(kThreads), planes_.rows, count_, pieces_, f);
  }

 private:
  Planes planes_;
  size_t count_ = 1;
  Pieces<N> pieces_;
  DeviceMemory<Sums<N>> memory_;
};

}  // namespace deltalab::cuda
