#pragma once

#include <algorithm>
#include <cstddef>

#include "device.h"
#include "device_memory.h"

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

/** One part of every reduction: f.store(lane, i, total), or the total to `partials` [lanes][count][parts] where they are given. */
template <class F>
__global__ void __launch_bounds__(kThreads) reduceKernel(ReductionShape shape, F f, typename F::Total* partials) {
  using Total = typename F::Total;
  const unsigned perBlock = kThreads / shape.group;
  const unsigned own = shape.across ? threadIdx.x / perBlock : threadIdx.x % shape.group;
  const unsigned place = shape.across ? threadIdx.x % perBlock : threadIdx.x / shape.group;
  const int lane = static_cast<int>(blockIdx.y);
  const size_t i = static_cast<size_t>(blockIdx.x) * perBlock + place;
  const size_t part = blockIdx.z, begin = part * shape.partTerms;
  const size_t end = begin + shape.partTerms < shape.terms ? begin + shape.partTerms : shape.terms;
  Total total = f.start();
  if (i < shape.count) {
    const auto line = f.line(lane, i);
    for (size_t term = begin + own; term < end; term += shape.group) total = f.add(total, line, term);
  }
  if (shape.group > 1) {
    __shared__ Total totals[kThreads];
    totals[threadIdx.x] = total;
    const unsigned step = shape.across ? perBlock : 1;
    for (unsigned half = shape.group / 2; half > 0; half /= 2) {
      __syncthreads();
      if (own < half) totals[threadIdx.x] = total = f.join(total, totals[threadIdx.x + half * step]);
    }
  }
  if (own != 0 || i >= shape.count) return;
  if (partials) partials[(static_cast<size_t>(lane) * shape.count + i) * shape.parts + part] = total;
  else f.store(lane, i, total);
}

/** What is left to do when every part has its total. */
template <class F>
struct PartsOf {
  using Total = typename F::Total;
  F f;
  const Total* partials;
  size_t count, parts;

  __device__ Total start() const { return f.start(); }
  __device__ const Total* line(int lane, size_t i) const { return partials + (static_cast<size_t>(lane) * count + i) * parts; }
  __device__ Total add(const Total& total, const Total* line, size_t part) const { return f.join(total, line[part]); }
  __device__ Total join(const Total& a, const Total& b) const { return f.join(a, b); }
  __device__ void store(int lane, size_t i, const Total& total) const { f.store(lane, i, total); }
};

/**
 * Reductions of every lane: a thread, a group of threads or several blocks each, as their sizes and places call for. Is given for run() an F with
 *   Total               the running value, without constructors;
 *   start()             its neutral element;
 *   line(lane, i)       where reduction i reads;
 *   add(total, line, term), join(total, total);
 *   store(lane, i, total).
 * Terms are joined in an order that follows from the shape alone.
 */
template <class Total>
class Reducer {
 public:
  Reducer() = default;
  Reducer(Stream& stream, int lanes, const ReductionShape& shape)
      : stream_(&stream),
        lanes_(lanes),
        shape_(shape),
        partials_(shape.parts == 1 ? DeviceMemory<Total>() : DeviceMemory<Total>(stream, static_cast<size_t>(lanes) * shape.count * shape.parts)) {}

  template <class F>
  void run(const F& f) const {
    if (shape_.count == 0) return;
    start(shape_, f, partials_.data());
    if (shape_.parts == 1) return;
    ReductionShape rest = ReductionShape::of(shape_.count, shape_.parts, 1);
    rest.partTerms = rest.terms;
    rest.parts = 1;
    start(rest, PartsOf<F>{f, partials_.data(), shape_.count, shape_.parts}, nullptr);
  }

 private:
  template <class F>
  void start(const ReductionShape& shape, const F& f, Total* partials) const {
    const dim3 grid(blocksFor(shape.count, kThreads / shape.group), static_cast<unsigned>(lanes_), static_cast<unsigned>(shape.parts));
    if (shape.group == 1) stream_->launchFlat(reduceKernel<F>, grid, dim3(kThreads), shape, f, partials);
    else stream_->launch(reduceKernel<F>, grid, dim3(kThreads), shape, f, partials);
  }

  Stream* stream_ = nullptr;
  int lanes_ = 1;
  ReductionShape shape_;
  DeviceMemory<Total> partials_;
};

}  // namespace deltalab::cuda
