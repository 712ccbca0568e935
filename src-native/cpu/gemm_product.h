#pragma once

#include <algorithm>

#include "gemm.h"
#include "kernels/kernel_table.h"

namespace deltalab {

/** A product as the kernel sees it: A by two strides, B by rows (`bTransposed`: by columns). */
struct KernelProduct {
  Index m, n, k;
  const float* a;
  Index aRow, aStep;
  const float* b;
  Index bStride;
  bool bTransposed;
  float* c;
  Index cRow;
  bool biasPerRow;
};

/** A single column is made a row: it lies along a vector better than across, and the products and sums are the same. */
KernelProduct kernelProduct(const GemmArgs& args);

/** The whole product as one block, B not packed. */
GemmBlock wholeBlock(const GemmArgs& args, const KernelProduct& product);

/** Longest chain of additions. Longer products are cut into equal blocks: less rounding error, and B panels that fit
 * the caches. */
constexpr Index kMostSteps = 512;

/** Cuts k into blocks of equal size; depends on k alone, as the bits of the result do. */
struct Steps {
  explicit Steps(Index k) : total(k) {
    const Index wanted = std::max<Index>(1, (k + kMostSteps - 1) / kMostSteps);
    size = std::max<Index>(1, ((k + wanted - 1) / wanted + 7) / 8 * 8);
    count = std::max<Index>(1, (k + size - 1) / size);
  }
  Index begin(Index i) const { return i * size; }
  Index length(Index i) const { return std::min(size, total - i * size); }
  Index total, size, count;
};

/**
 * A way to compute a product: how much memory it needs, in floats, and the computation. `pool` may be null: the calling thread alone.
 * All ways give the same bits.
 */
struct GemmWay {
  Index (*memory)(const GemmArgs& args, const KernelTable& kernels, int threads);
  void (*multiply)(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, float* memory);
};

/** C by tiles along its rows. B is packed where that pays. */
extern const GemmWay straightWay;
/** The same for B read by too few rows: it is packed only if it lies transposed. */
extern const GemmWay unpackedWay;
/** C^T = B^T · A^T, put back together by blocks. beta must be 0. */
extern const GemmWay turnedWay;

/** The cheaper one. */
const GemmWay& wayOf(const GemmArgs& args, const KernelTable& kernels);

inline Index pieces(Index count, Index size) { return (count + size - 1) / size; }

/** Calls f(i) for all i, on the pool's threads when there is one. */
template <class F>
void each(ThreadPool* pool, Index count, F&& f) {
  if (pool != nullptr && count > 1) {
    pool->forEach(static_cast<int>(count), [&](int i) { f(static_cast<Index>(i)); });
  } else {
    for (Index i = 0; i < count; ++i) f(i);
  }
}

/** Multiply-adds below which a second thread costs more than it brings. */
constexpr double kParallelWork = 1 << 17;

inline double workOf(const GemmArgs& args) {
  return static_cast<double>(args.m) * static_cast<double>(args.n) * static_cast<double>(args.k);
}

}  // namespace deltalab
