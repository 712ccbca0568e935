#pragma once

#include <algorithm>
#include <cstddef>

#include "device.h"
#include "device_memory.h"
#include "sums.h"

namespace deltalab::cuda {

/** How `count` reductions of `terms` terms each are shared by threads: follows from the shape alone, never from the number of lanes. */
struct ReductionShape {
  size_t count = 1;
  size_t terms = 1;
  /** Terms of a part: all where there is one. */
  size_t partTerms = 1;
  size_t parts = 1;
  /** Threads that share a part of a reduction, a power of two; a block does kThreads / group reductions. */
  unsigned group = 1;
  /** Neighbouring threads belong to neighbouring reductions, not to neighbouring terms of one. */
  bool across = false;

  /**
   * `neighbours`: how many reductions in a row have their terms side by side in memory (the sums of a matrix's columns); 1 where the terms of
   * each of them lie so.
   */
  static ReductionShape of(size_t count, size_t terms, size_t neighbours) {
    // Fewer terms of a thread are not worth waiting for the others.
    constexpr size_t kLeast = 8;
    // Threads that keep a card busy.
    constexpr size_t kMany = size_t{1} << 17;
    ReductionShape shape;
    shape.count = count;
    shape.terms = terms;
    shape.across = neighbours > 1;
    unsigned widest = kThreads;
    for (unsigned side = 1; shape.across && side < 32 && side < neighbours; side *= 2) widest /= 2;
    while (shape.group < widest && shape.group * 2 * kLeast <= terms) shape.group *= 2;
    const size_t worthWhile = terms / (shape.group * 2 * kLeast), wanted = kMany / std::min(kMany, count * shape.group);
    shape.parts = std::max<size_t>(1, std::min(worthWhile, wanted));
    shape.partTerms = (terms + shape.parts - 1) / shape.parts;
    shape.parts = std::max<size_t>(1, (terms + shape.partTerms - 1) / shape.partTerms);
    return shape;
  }
};

/** Totals of parts, [lanes][reductions][parts], and how many blocks are done with those of each group of reductions; null where a part is all. */
template <class Total>
struct Parts {
  Total* totals = nullptr;
  unsigned* arrived = nullptr;
};

/** `total` of the threads of a group joined, for its first one: `own` is the place of a thread in its group, `step` threads lie between neighbours. */
template <class F>
__device__ typename F::Total joinGroup(const F& f, typename F::Total total, unsigned group, unsigned own, unsigned step) {
  if (group == 1) return total;
  __shared__ typename F::Total totals[kThreads];
  totals[threadIdx.x] = total;
  for (unsigned half = group / 2; half > 0; half /= 2) {
    __syncthreads();
    if (own < half) totals[threadIdx.x] = total = f.join(total, totals[threadIdx.x + half * step]);
  }
  return total;
}

/** A part of every reduction. The block that is done last joins the parts, in their order. */
template <class F>
__global__ void __launch_bounds__(kThreads) reduceKernel(ReductionShape shape, F f, Parts<typename F::Total> parts) {
  using Total = typename F::Total;
  const unsigned perBlock = kThreads / shape.group, step = shape.across ? perBlock : 1;
  const unsigned own = shape.across ? threadIdx.x / perBlock : threadIdx.x % shape.group;
  const unsigned place = shape.across ? threadIdx.x % perBlock : threadIdx.x / shape.group;
  const int lane = static_cast<int>(blockIdx.y);
  const size_t i = static_cast<size_t>(blockIdx.x) * perBlock + place;
  const bool inside = i < shape.count;
  const size_t part = blockIdx.z, begin = part * shape.partTerms;
  const size_t end = begin + shape.partTerms < shape.terms ? begin + shape.partTerms : shape.terms;
  Total total = f.start();
  if (inside) {
    const auto line = f.line(lane, i);
    for (size_t term = begin + own; term < end; term += shape.group) total = f.add(total, line, term);
  }
  total = joinGroup(f, total, shape.group, own, step);
  if (shape.parts > 1) {
    Total* const totals = parts.totals + (static_cast<size_t>(lane) * shape.count + i) * shape.parts;
    if (own == 0 && inside) totals[part] = total;
    if (!isLastBlock(parts.arrived + static_cast<size_t>(lane) * gridDim.x + blockIdx.x, gridDim.z)) return;
    total = f.start();
    for (size_t other = own; inside && other < shape.parts; other += shape.group) total = f.join(total, totals[other]);
    total = joinGroup(f, total, shape.group, own, step);
  }
  if (own == 0 && inside) f.store(lane, i, total);
}

/**
 * Reductions of every lane: a thread, a group of threads or several blocks each, as their sizes and places call for. Is given for run() an F with
 *   Total               the running value, without constructors;
 *   start()             its neutral element;
 *   line(lane, i)       where reduction i reads;
 *   add(total, line, term), join(total, total);
 *   store(lane, i, total).
 * Terms are joined in an order that follows from the shape alone, each is added once.
 */
template <class Total>
class Reducer {
 public:
  Reducer() = default;
  Reducer(Stream& stream, int lanes, const ReductionShape& shape) : stream_(&stream), lanes_(lanes), shape_(shape) {
    if (shape.parts == 1) return;
    totals_ = DeviceMemory<Total>(stream, static_cast<size_t>(lanes) * shape.count * shape.parts);
    arrived_ = DeviceMemory<unsigned>(stream, static_cast<size_t>(lanes) * blocksFor(shape.count, kThreads / shape.group));
  }

  template <class F>
  void run(const F& f) const {
    if (shape_.count == 0) return;
    const dim3 grid(blocksFor(shape_.count, kThreads / shape_.group), static_cast<unsigned>(lanes_), static_cast<unsigned>(shape_.parts));
    const Parts<Total> parts{totals_.data(), arrived_.data()};
    if (shape_.group == 1) stream_->launchFlat(reduceKernel<F>, grid, dim3(kThreads), shape_, f, parts);
    else stream_->launch(reduceKernel<F>, grid, dim3(kThreads), shape_, f, parts);
  }

 private:
  Stream* stream_ = nullptr;
  int lanes_ = 1;
  ReductionShape shape_;
  DeviceMemory<Total> totals_;
  DeviceMemory<unsigned> arrived_;
};

/** N sums at a time, in double. */
template <int N>
struct Sums {
  double of[N];

  __device__ Sums operator+(const Sums& more) const {
    Sums sum;
    for (int i = 0; i < N; ++i) sum.of[i] = of[i] + more.of[i];
    return sum;
  }
};

/** The F of a Reducer for N sums of f.term(lane, i, term), which go to f.store(lane, i, sums). */
template <int N, class F>
struct Summing {
  using Total = Sums<N>;
  struct Line {
    int lane;
    size_t i;
  };

  F f;

  __device__ Total start() const { return {}; }
  __device__ Line line(int lane, size_t i) const { return {lane, i}; }
  __device__ Total add(const Total& total, const Line& line, size_t term) const { return total + f.term(line.lane, line.i, term); }
  __device__ Total join(const Total& a, const Total& b) const { return a + b; }
  __device__ void store(int lane, size_t i, const Total& total) const { f.store(lane, i, total); }
};

}  // namespace deltalab::cuda
