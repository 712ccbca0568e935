#pragma once

// The kernels of small fully connected layers, written once for every instruction set. Include one simd_*.h before this file, and define
//   kDenseRows[v]  most rows of a tile of v + 1 vectors: all sums and the vectors of B stay in registers.
// Unlike gemm_tile.h there is nothing to pack, to scale or to cut: the matrices are so small that the call itself is felt.

#include "dense_kernels.h"

namespace deltalab {
namespace {

/** Rows of a tile, from its first values on. */
struct DenseTile {
  const float* a;
  const float* b;
  float* c;
  const float* bias;
  float* moved;
  /** Lanes of the last vector. */
  Lanes last;
};

#define SIMD_EACH_SUM                     \
  SIMD_UNROLL                             \
  for (int r = 0; r < R; ++r) SIMD_UNROLL \
  for (int v = 0; v < V; ++v)

/** R rows of V vectors. Not inlined, as gemmTile. `Partial`: the last vector is masked. */
template <int R, int V, bool Partial>
SIMD_NOINLINE void denseTile(const DenseProduct& product, const DenseTile& tile) {
  Vec sum[R][V];
  SIMD_EACH_SUM sum[r][v] = all(0.0f);
  const Lanes last = tile.last;
  const auto read = [=](const float* from, int v)
                        SIMD_LAMBDA { return Partial && v == V - 1 ? loadLanes(from, last) : load(from); };
  {
    constexpr int kBases = (R + 2) / 3;
    const float* bases[kBases];
    ptrdiff_t aRow = product.aRow, aStep = product.aStep;
    const ptrdiff_t bStep = product.bStep;
    SIMD_OPAQUE(aRow);
    SIMD_OPAQUE(aStep);
    bases[0] = tile.a;
    for (int i = 1; i < kBases; ++i) {
      bases[i] = bases[i - 1] + 3 * aRow;
      SIMD_OPAQUE(bases[i]);
    }
    const float* b = tile.b;
    for (ptrdiff_t k = product.k; k > 0; --k) {
      Vec right[V];
      SIMD_UNROLL
      for (int v = 0; v < V; ++v) right[v] = read(b + v * kWidth, v);
      SIMD_UNROLL
      for (int r = 0; r < R; ++r) {
        const Vec left = all(bases[r / 3][(r % 3) * aRow]);
        SIMD_UNROLL
        for (int v = 0; v < V; ++v) sum[r][v] = multiplyAdd(left, right[v], sum[r][v]);
      }
      SIMD_UNROLL
      for (int i = 0; i < kBases; ++i) bases[i] += aStep;
      b += bStep;
    }
  }
  const ptrdiff_t cRow = product.cRow;
  const auto write = [=](float* to, int v, Vec value) SIMD_LAMBDA {
    if (Partial && v == V - 1) storeLanes(to, last, value);
    else store(to, value);
  };
  if (tile.bias != nullptr) {
    SIMD_EACH_SUM sum[r][v] = add(sum[r][v], all(tile.bias[r]));
  }
  float* const c = tile.c;
  SIMD_EACH_SUM write(c + r * cRow + v * kWidth, v, sum[r][v]);
  if (product.by == 0) return;
  float* const moved = tile.moved;
  const Vec by = all(product.by);
  SIMD_EACH_SUM {
    float* const to = moved + r * cRow + v * kWidth;
    write(to, v, multiplyAdd(by, sum[r][v], read(to, v)));
  }
}
#undef SIMD_EACH_SUM

using DenseTileFunction = void (*)(const DenseProduct&, const DenseTile&);

template <int V, bool Partial, int... rows>
struct DenseTileColumn {
  static constexpr DenseTileFunction functions[] = {denseTile<rows + 1, V, Partial>...};
};
template <int V, bool Partial, int N, int... rows>
struct DenseTileRange : DenseTileRange<V, Partial, N - 1, N - 1, rows...> {};
template <int V, bool Partial, int... rows>
struct DenseTileRange<V, Partial, 0, rows...> : DenseTileColumn<V, Partial, rows...> {};

/** By vectors, then by whether the last is partial; each list by rows. */
constexpr const DenseTileFunction* kDenseTiles[][2] = {
    {DenseTileRange<1, false, kDenseRows[0]>::functions, DenseTileRange<1, true, kDenseRows[0]>::functions},
    {DenseTileRange<2, false, kDenseRows[1]>::functions, DenseTileRange<2, true, kDenseRows[1]>::functions},
    {DenseTileRange<3, false, kDenseRows[2]>::functions, DenseTileRange<3, true, kDenseRows[2]>::functions},
};
constexpr ptrdiff_t kDenseVectors = sizeof kDenseTiles / sizeof kDenseTiles[0];

/** V whole vectors of a product of one row: nothing is shared by rows, so that no tile is worth its call. */
template <int V>
SIMD_NOINLINE void denseRow(const DenseProduct& product, ptrdiff_t column) {
  Vec sum[V];
  SIMD_UNROLL
  for (int v = 0; v < V; ++v) sum[v] = all(0.0f);
  const ptrdiff_t aStep = product.aStep, bStep = product.bStep;
  const float* a = product.a;
  const float* b = product.b + column;
  for (ptrdiff_t k = product.k; k > 0; --k, a += aStep, b += bStep) {
    const Vec left = all(*a);
    SIMD_UNROLL
    for (int v = 0; v < V; ++v) sum[v] = multiplyAdd(left, load(b + v * kWidth), sum[v]);
  }
  const Vec bias = all(product.bias == nullptr ? 0.0f : *product.bias);
  float* const c = product.c + column;
  SIMD_UNROLL
  for (int v = 0; v < V; ++v) store(c + v * kWidth, add(sum[v], bias));
}

using DenseRowFunction = void (*)(const DenseProduct&, ptrdiff_t column);
/** By vectors. */
constexpr DenseRowFunction kDenseRow[] = {denseRow<1>, denseRow<2>, denseRow<3>, denseRow<4>,
                                          denseRow<5>, denseRow<6>, denseRow<7>, denseRow<8>};
constexpr ptrdiff_t kDenseRowVectors = sizeof kDenseRow / sizeof kDenseRow[0];

SIMD_FUNCTION void productOfOneRow(const DenseProduct& product) {
  ptrdiff_t column = 0;
  for (; product.n - column > kDenseRowVectors * kWidth; column += kDenseRowVectors * kWidth) {
    kDenseRow[kDenseRowVectors - 1](product, column);
  }
  kDenseRow[(product.n - column) / kWidth - 1](product, column);
}

SIMD_NOINLINE void productByTiles(const DenseProduct& product) {
  DenseTile tile;
  for (ptrdiff_t column = 0; column < product.n;) {
    const ptrdiff_t left = product.n - column;
    ptrdiff_t vectors = (left + kWidth - 1) / kWidth;
    // Four vectors are two and two.
    if (vectors > kDenseVectors) vectors = vectors == kDenseVectors + 1 ? 2 : kDenseVectors;
    const ptrdiff_t width = left < vectors * kWidth ? left : vectors * kWidth;
    const bool partial = width % kWidth != 0;
    tile.last = firstLanes(width - (vectors - 1) * kWidth);
    tile.b = product.b + column;
    const DenseTileFunction* const functions = kDenseTiles[vectors - 1][partial];
    const ptrdiff_t most = kDenseRows[vectors - 1];
    for (ptrdiff_t row = 0; row < product.m;) {
      // The last two of equal height: 20 rows are 10 + 10, not 12 + 8.
      const ptrdiff_t rest = product.m - row;
      const ptrdiff_t rows = rest <= most ? rest : rest < 2 * most ? (rest + 1) / 2 : most;
      tile.a = product.a + row * product.aRow;
      tile.c = product.c + row * product.cRow + column;
      tile.bias = product.bias == nullptr ? nullptr : product.bias + row;
      tile.moved = product.moved == nullptr ? nullptr : product.moved + row * product.cRow + column;
      functions[rows - 1](product, tile);
      row += rows;
    }
    column += width;
  }
}

void denseProductKernel(const DenseProduct& product) {
  if (product.m == 1 && product.n % kWidth == 0 && product.by == 0) return productOfOneRow(product);
  productByTiles(product);
}

/** The lanes of Σ_s dy[s] · x[s]. */
SIMD_FUNCTION Vec dotLanes(const float* dy, const float* x, ptrdiff_t samples) {
  Vec even = all(0.0f), odd = all(0.0f);
  ptrdiff_t s = 0;
  for (; s + 2 * kWidth <= samples; s += 2 * kWidth) {
    even = multiplyAdd(load(dy + s), load(x + s), even);
    odd = multiplyAdd(load(dy + s + kWidth), load(x + s + kWidth), odd);
  }
  if (s < samples) even = multiplyAdd(load(dy + s), load(x + s), even);
  return add(even, odd);
}

/** The lanes of Σ_s dy[s]. */
SIMD_FUNCTION Vec sumLanes(const float* dy, ptrdiff_t samples) {
  Vec even = all(0.0f), odd = all(0.0f);
  ptrdiff_t s = 0;
  for (; s + 2 * kWidth <= samples; s += 2 * kWidth) {
    even = add(even, load(dy + s));
    odd = add(odd, load(dy + s + kWidth));
  }
  if (s < samples) even = add(even, load(dy + s));
  return add(even, odd);
}

/** gradient[i] = the sum of lanesOf(i), for i below `count`, and values moved by it: kWidth sums at a time, as columns of a square. */
template <class LanesOf>
SIMD_FUNCTION void addUpLanes(ptrdiff_t count, float* gradient, float* values, float by, LanesOf lanesOf) {
  for (ptrdiff_t at = 0; at < count; at += kWidth) {
    const ptrdiff_t places = count - at < kWidth ? count - at : kWidth;
    Vec square[kWidth];
    for (ptrdiff_t i = 0; i < places; ++i) square[i] = lanesOf(at + i);
    for (ptrdiff_t i = places; i < kWidth; ++i) square[i] = all(0.0f);
    transpose(square);
    SIMD_UNROLL
    for (ptrdiff_t half = kWidth / 2; half > 0; half /= 2) {
      SIMD_UNROLL
      for (ptrdiff_t i = 0; i < half; ++i) square[i] = add(square[i], square[i + half]);
    }
    const Lanes lanes = firstLanes(places);
    storeLanes(gradient + at, lanes, square[0]);
    if (by != 0) storeLanes(values + at, lanes, multiplyAdd(all(by), square[0], loadLanes(values + at, lanes)));
  }
}

/** The same of few sums, one by one. */
SIMD_FUNCTION void addUpOne(Vec lanes, float* gradient, float* value, float by) {
  const float sum = sumOfLanes(lanes);
  *gradient = sum;
  if (by != 0) *value += by * sum;
}

SIMD_NOINLINE void fewSums(const DenseSums& sums) {
  const ptrdiff_t samples = sums.samples, inputs = sums.inputs;
  const float by = sums.by;
  for (ptrdiff_t i = 0; i < sums.outputs; ++i) {
    const float* const dy = sums.dy + i * samples;
    for (ptrdiff_t j = 0; j < inputs; ++j) {
      const ptrdiff_t at = i * inputs + j;
      addUpOne(dotLanes(dy, sums.x + j * samples, samples), sums.dw + at, sums.weights + at, by);
    }
    if (sums.db != nullptr) addUpOne(sumLanes(dy, samples), sums.db + i, sums.bias + i, by);
  }
}

SIMD_NOINLINE void manySums(const DenseSums& sums) {
  const ptrdiff_t samples = sums.samples, inputs = sums.inputs;
  if (sums.db != nullptr) {
    addUpLanes(sums.outputs, sums.db, sums.bias, sums.by,
               [&](ptrdiff_t i) SIMD_LAMBDA { return sumLanes(sums.dy + i * samples, samples); });
  }
  ptrdiff_t row = 0, column = 0;
  addUpLanes(sums.outputs * inputs, sums.dw, sums.weights, sums.by, [&](ptrdiff_t) SIMD_LAMBDA {
    const Vec lanes = dotLanes(sums.dy + row * samples, sums.x + column * samples, samples);
    if (++column == inputs) {
      column = 0;
      ++row;
    }
    return lanes;
  });
}

void denseSumsKernel(const DenseSums& sums) {
  if (sums.outputs * (sums.inputs + 1) < kWidth / 2) return fewSums(sums);
  manySums(sums);
}

constexpr DenseKernels kDenseKernels = {kWidth, denseProductKernel, denseSumsKernel};

}  // namespace
}  // namespace deltalab
