#pragma once

// The row kernels, written once for every instruction set. Include one simd_*.h and vector_math.h before this file.

#include "column_loops.h"
#include "each_vector.h"
#include "row_kernels.h"

namespace deltalab {
namespace {

/** Values that are summed as floats before they go to a double. */
constexpr Index kRowBlock = 4096;

SIMD_FUNCTION float maximumOfLanes(Vec v) {
  float lanes[kWidth];
  store(lanes, v);
  for (Index i = 1; i < kWidth; ++i) lanes[0] = lanes[i] > lanes[0] ? lanes[i] : lanes[0];
  return lanes[0];
}

/** The first lanes of v, others zero. */
SIMD_FUNCTION Vec onlyLanes(Vec v, Lanes lanes) {
  float values[kWidth];
  store(values, v);
  return loadLanes(values, lanes);
}

/**
 * Σ term(get) over n values, for kSums terms at once: term(get, out) fills out[kSums], where get(array) is the vector of an array at
 * the place in hand. Of the last, partial vector only the values that are there count.
 */
template <int kSums, class Term>
SIMD_FUNCTION void sumRow(Index n, Term term, double* totals) {
  constexpr Index kUnrolled = 4 / kSums;
  for (int sum = 0; sum < kSums; ++sum) totals[sum] = 0;
  for (Index begin = 0; begin < n; begin += kRowBlock) {
    const Index end = n - begin < kRowBlock ? n : begin + kRowBlock;
    Vec sums[4] = {all(0.0f), all(0.0f), all(0.0f), all(0.0f)};
    Index i = begin;
    for (; i + kUnrolled * kWidth <= end; i += kUnrolled * kWidth) {
      SIMD_UNROLL
      for (Index j = 0; j < kUnrolled; ++j) {
        const Index at = i + j * kWidth;
        Vec terms[kSums];
        term([at](const float* from) SIMD_LAMBDA { return load(from + at); }, terms);
        SIMD_UNROLL
        for (int sum = 0; sum < kSums; ++sum) sums[j * kSums + sum] = add(sums[j * kSums + sum], terms[sum]);
      }
    }
    for (; i + kWidth <= end; i += kWidth) {
      Vec terms[kSums];
      term([i](const float* from) SIMD_LAMBDA { return load(from + i); }, terms);
      for (int sum = 0; sum < kSums; ++sum) sums[sum] = add(sums[sum], terms[sum]);
    }
    if (i < end) {
      const Lanes lanes = firstLanes(end - i);
      Vec terms[kSums];
      term([i, lanes](const float* from) SIMD_LAMBDA { return loadLanes(from + i, lanes); }, terms);
      for (int sum = 0; sum < kSums; ++sum) sums[sum] = add(sums[sum], onlyLanes(terms[sum], lanes));
    }
    for (int sum = 0; sum < kSums; ++sum) {
      Vec whole = sums[sum];
      for (Index j = 1; j < kUnrolled; ++j) whole = add(whole, sums[j * kSums + sum]);
      totals[sum] += static_cast<double>(sumOfLanes(whole));
    }
  }
}

template <class Term>
SIMD_FUNCTION double sumRow(Index n, Term term) {
  double total;
  sumRow<1>(n, [=](auto get, Vec* out) SIMD_LAMBDA { out[0] = term(get); }, &total);
  return total;
}

double sumKernel(const float* x, Index n) {
  return sumRow(n, [=](auto get) SIMD_LAMBDA { return get(x); });
}

double squaresKernel(const float* x, Index n, float mean) {
  const Vec means = all(mean);
  return sumRow(n, [=](auto get) SIMD_LAMBDA {
    const Vec d = subtract(get(x), means);
    return multiply(d, d);
  });
}

void productsKernel(const float* dy, const float* x, const float* weight, Index n, float mean, double* sums) {
  const Vec means = all(mean);
  if (weight == nullptr) {
    sumRow<2>(n, [=](auto get, Vec* out) SIMD_LAMBDA {
      out[0] = get(dy);
      out[1] = multiply(out[0], subtract(get(x), means));
    }, sums);
  } else {
    sumRow<2>(n, [=](auto get, Vec* out) SIMD_LAMBDA {
      out[0] = multiply(get(dy), get(weight));
      out[1] = multiply(out[0], subtract(get(x), means));
    }, sums);
  }
}

void standardiseKernel(const float* x, float* y, Index n, float mean, float factor, float shift) {
  const Vec means = all(mean), factors = all(factor), shifts = all(shift);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    put(y, multiplyAdd(subtract(get(x), means), factors, shifts));
  });
}

void standardiseWeightedKernel(const float* x, const float* weight, const float* shift, float* y, Index n, float mean,
                               float factor) {
  const Vec means = all(mean), factors = all(factor);
  if (shift == nullptr) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(y, multiply(multiply(subtract(get(x), means), factors), get(weight)));
    });
  } else {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(y, multiplyAdd(multiply(subtract(get(x), means), factors), get(weight), get(shift)));
    });
  }
}

void standardiseGradientKernel(const float* dy, const float* x, const float* weight, float* dx, Index n, float mean, float a,
                               float b, float c, bool accumulate) {
  const Vec means = all(mean), as = all(a), bs = all(b), cs = all(c);
  const auto both = [=](auto get, auto gradient) SIMD_LAMBDA {
    return multiplyAdd(as, gradient, multiplyAdd(bs, subtract(get(x), means), cs));
  };
  if (weight == nullptr && !accumulate) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(dx, both(get, get(dy))); });
  } else if (weight == nullptr) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(dx, add(get(dx), both(get, get(dy)))); });
  } else if (!accumulate) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(dx, both(get, multiply(get(dy), get(weight)))); });
  } else {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(dx, add(get(dx), both(get, multiply(get(dy), get(weight))))); });
  }
}

void addParameterGradientsKernel(const float* dy, const float* x, float* dWeight, float* dShift, Index n, float mean,
                                 float factor) {
  const Vec means = all(mean), factors = all(factor);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
    put(dWeight, multiplyAdd(get(dy), multiply(subtract(get(x), means), factors), get(dWeight)));
    put(dShift, add(get(dShift), get(dy)));
  });
}

/** The largest value; NaN are passed over. */
SIMD_FUNCTION float largestOf(const float* x, Index n) {
  const Vec lowest = all(-3.402823466e38f);
  Vec largest = lowest;
  Index i = 0;
  for (; i + kWidth <= n; i += kWidth) largest = maximum(load(x + i), largest);
  if (i < n) {
    float rest[kWidth];
    store(rest, lowest);
    const Lanes lanes = firstLanes(n - i);
    storeLanes(rest, lanes, loadLanes(x + i, lanes));
    largest = maximum(load(rest), largest);
  }
  return maximumOfLanes(largest);
}

/**
 * Σ e^(scale · x - largest), the terms also stored in y unless it is null. The largest value is taken away first: nothing overflows,
 * and the quotient is the same.
 */
template <bool kStores>
SIMD_FUNCTION float sumOfExponentials(const float* x, float* y, Index n, float scale, float largest) {
  const Vec scales = all(scale), shifts = all(-largest);
  Vec sums[2] = {all(0.0f), all(0.0f)};
  Index i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    SIMD_UNROLL
    for (Index j = 0; j < 2; ++j) {
      const Vec e = exponential(multiplyAdd(scales, load(x + i + j * kWidth), shifts));
      if (kStores) store(y + i + j * kWidth, e);
      sums[j] = add(sums[j], e);
    }
  }
  for (; i < n; i += kWidth) {
    const Lanes lanes = firstLanes(n - i < kWidth ? n - i : kWidth);
    const Vec e = exponential(multiplyAdd(scales, loadLanes(x + i, lanes), shifts));
    if (kStores) storeLanes(y + i, lanes, e);
    sums[0] = add(sums[0], onlyLanes(e, lanes));
  }
  return sumOfLanes(add(sums[0], sums[1]));
}

void softmaxKernel(const float* x, const float* shift, float* y, Index n, float scale) {
  if (shift != nullptr) {
    const Vec scales = all(scale);
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, multiplyAdd(scales, get(x), get(shift))); });
    x = y;
    scale = 1;
  }
  const float largest = scale * largestOf(x, n);
  const Vec factors = all(1.0f / sumOfExponentials<true>(x, y, n, scale, largest));
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, multiply(get(y), factors)); });
}

float exponentialSumKernel(const float* x, Index n, float* largest) {
  *largest = largestOf(x, n);
  return sumOfExponentials<false>(x, nullptr, n, 1.0f, *largest);
}

void softmaxGradientKernel(const float* y, const float* dy, float* dx, Index n, float scale, bool accumulate) {
  const double dot = sumRow(n, [=](auto get) SIMD_LAMBDA { return multiply(get(y), get(dy)); });
  const Vec dots = all(static_cast<float>(dot)), scales = all(scale);
  if (accumulate) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(dx, multiplyAdd(scales, multiply(get(y), subtract(get(dy), dots)), get(dx)));
    });
  } else {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(dx, multiply(scales, multiply(get(y), subtract(get(dy), dots))));
    });
  }
}

void logSoftmaxGradientKernel(const float* y, const float* dy, float* dx, Index n, bool accumulate) {
  const Vec sums = all(static_cast<float>(sumKernel(dy, n)));
  if (accumulate) {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(dx, add(get(dx), subtract(get(dy), multiply(exponential(get(y)), sums))));
    });
  } else {
    forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA {
      put(dx, subtract(get(dy), multiply(exponential(get(y)), sums)));
    });
  }
}

double squaredErrorsKernel(const float* y, const float* d, float* gradient, Index n, float factor) {
  const Vec factors = all(factor);
  // Two chains of additions side by side.
  Doubles even = noDoubles(), odd = noDoubles();
  Index i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    const Vec first = subtract(load(y + i), load(d + i)), second = subtract(load(y + i + kWidth), load(d + i + kWidth));
    even = addSquares(even, first);
    odd = addSquares(odd, second);
    if (gradient == nullptr) continue;
    store(gradient + i, multiply(factors, first));
    store(gradient + i + kWidth, multiply(factors, second));
  }
  for (; i < n; i += kWidth) {
    const Lanes lanes = firstLanes(n - i < kWidth ? n - i : kWidth);
    const Vec error = subtract(loadLanes(y + i, lanes), loadLanes(d + i, lanes));
    even = addSquares(even, error);
    if (gradient != nullptr) storeLanes(gradient + i, lanes, multiply(factors, error));
  }
  return sumOfLanes(add(even, odd));
}

constexpr RowKernels kRowKernels = {
    sumKernel,
    squaresKernel,
    productsKernel,
    standardiseKernel,
    standardiseWeightedKernel,
    standardiseGradientKernel,
    addParameterGradientsKernel,
    softmaxKernel,
    exponentialSumKernel,
    softmaxGradientKernel,
    logSoftmaxGradientKernel,
    squaredErrorsKernel,
    columnMomentsKernel,
    columnProductsKernel,
    standardiseColumnsKernel,
    standardiseColumnsGradientKernel,
};

}  // namespace
}  // namespace deltalab
