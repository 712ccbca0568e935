#pragma once

// The kernels for columns of a few rows, written once for every instruction set. Included by row_loops.h.

#include "each_vector.h"
#include "row_kernels.h"

namespace deltalab {
namespace {

/**
 * Σ term(get, out) over the rows of a vector of columns, for kSums terms at once: term fills out[kSums], where get(array) is the vector of
 * an array [rows][n] in the row in hand. Four chains hide the latency of an addition; which row belongs to which follows from its number.
 */
template <int kSums, class Get, class Term>
SIMD_FUNCTION void sumColumns(Index rows, Index n, Get get, Term term, Vec (&totals)[kSums]) {
  constexpr Index kChains = 4;
  Vec sums[kChains][kSums];
  SIMD_UNROLL
  for (Index chain = 0; chain < kChains; ++chain) {
    SIMD_UNROLL
    for (int sum = 0; sum < kSums; ++sum) sums[chain][sum] = all(0.0f);
  }
  const auto addRow = [&](Index row, Index chain) SIMD_LAMBDA {
    Vec terms[kSums];
    term([&](const float* from) SIMD_LAMBDA { return get(from + row * n); }, terms);
    SIMD_UNROLL
    for (int sum = 0; sum < kSums; ++sum) sums[chain][sum] = add(sums[chain][sum], terms[sum]);
  };
  Index row = 0;
  for (; row + kChains <= rows; row += kChains) {
    SIMD_UNROLL
    for (Index chain = 0; chain < kChains; ++chain) addRow(row + chain, chain);
  }
  for (; row < rows; ++row) addRow(row, 0);
  SIMD_UNROLL
  for (int sum = 0; sum < kSums; ++sum) {
    totals[sum] = add(add(sums[0][sum], sums[1][sum]), add(sums[2][sum], sums[3][sum]));
  }
}

void columnMomentsKernel(const float* x, Index rows, Index n, float* sums, float* squares) {
  const Vec share = all(1.0f / static_cast<float>(rows));
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    Vec total[1];
    sumColumns(rows, n, get, [=](auto row, Vec* out) SIMD_LAMBDA { out[0] = row(x); }, total);
    put(sums, total[0]);
    const Vec mean = multiply(total[0], share);
    sumColumns(rows, n, get, [=](auto row, Vec* out) SIMD_LAMBDA {
      const Vec d = subtract(row(x), mean);
      out[0] = multiply(d, d);
    }, total);
    put(squares, total[0]);
  });
}

void columnProductsKernel(const float* dy, const float* x, Index rows, Index n, const float* mean, float* sums, float* centred) {
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    const Vec means = get(mean);
    Vec totals[2];
    sumColumns(rows, n, get, [=](auto row, Vec* out) SIMD_LAMBDA {
      out[0] = row(dy);
      out[1] = multiply(out[0], subtract(row(x), means));
    }, totals);
    put(sums, totals[0]);
    put(centred, totals[1]);
  });
}

void standardiseColumnsKernel(const float* x, float* y, Index rows, Index n, const float* mean, const float* slope, const float* shift) {
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    const Vec means = get(mean), slopes = get(slope), shifts = get(shift);
    for (Index i = 0; i < rows * n; i += n) put(y + i, multiplyAdd(subtract(get(x + i), means), slopes, shifts));
  });
}

void standardiseColumnsGradientKernel(const float* dy, const float* x, float* dx, Index rows, Index n, const float* mean, const float* a,
                                      const float* b, const float* c, bool accumulate) {
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    const Vec means = get(mean), as = get(a), bs = get(b), cs = get(c);
    for (Index i = 0; i < rows * n; i += n) {
      const Vec value = multiplyAdd(as, get(dy + i), multiplyAdd(bs, subtract(get(x + i), means), cs));
      put(dx + i, accumulate ? add(get(dx + i), value) : value);
    }
  });
}

}  // namespace
}  // namespace deltalab
