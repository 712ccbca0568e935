#pragma once

#include <cmath>
#include <cstddef>

#include "row_kernels.h"

namespace deltalab {

// The row kernels for both element types: float by the table of the instruction set, double by plain loops. See row_kernels.h.

struct RowSums {
  double plain = 0;
  double centred = 0;
};

inline double rowSum(const float* x, size_t n) { return rowKernels().sum(x, static_cast<ptrdiff_t>(n)); }
inline double rowSum(const double* x, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += x[i];
  return sum;
}

inline double rowSquares(const float* x, size_t n, float mean) {
  return rowKernels().squares(x, static_cast<ptrdiff_t>(n), mean);
}
inline double rowSquares(const double* x, size_t n, double mean) {
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += (x[i] - mean) * (x[i] - mean);
  return sum;
}

inline RowSums rowProducts(const float* dy, const float* x, const float* weight, size_t n, float mean) {
  double sums[2];
  rowKernels().products(dy, x, weight, static_cast<ptrdiff_t>(n), mean, sums);
  return {sums[0], sums[1]};
}
inline RowSums rowProducts(const double* dy, const double* x, const double* weight, size_t n, double mean) {
  RowSums sums;
  for (size_t i = 0; i < n; ++i) {
    const double g = dy[i] * (weight ? weight[i] : 1);
    sums.plain += g;
    sums.centred += g * (x[i] - mean);
  }
  return sums;
}

inline void rowStandardise(const float* x, float* y, size_t n, float mean, float factor, float shift) {
  rowKernels().standardise(x, y, static_cast<ptrdiff_t>(n), mean, factor, shift);
}
inline void rowStandardise(const double* x, double* y, size_t n, double mean, double factor, double shift) {
  for (size_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * factor + shift;
}

inline void rowStandardise(const float* x, const float* weight, const float* shift, float* y, size_t n, float mean, float factor) {
  rowKernels().standardiseWeighted(x, weight, shift, y, static_cast<ptrdiff_t>(n), mean, factor);
}
inline void rowStandardise(const double* x, const double* weight, const double* shift, double* y, size_t n, double mean,
                           double factor) {
  for (size_t i = 0; i < n; ++i) y[i] = (x[i] - mean) * factor * weight[i] + (shift ? shift[i] : 0);
}

/** The factors of rowStandardiseGradient. */
template <class T>
struct GradientFactors {
  T mean, a, b, c;
};

inline void rowStandardiseGradient(const float* dy, const float* x, const float* weight, float* dx, size_t n,
                                   GradientFactors<float> factors, bool accumulate) {
  rowKernels().standardiseGradient(dy, x, weight, dx, static_cast<ptrdiff_t>(n), factors.mean, factors.a, factors.b, factors.c,
                                   accumulate);
}
inline void rowStandardiseGradient(const double* dy, const double* x, const double* weight, double* dx, size_t n,
                                   GradientFactors<double> factors, bool accumulate) {
  for (size_t i = 0; i < n; ++i) {
    const double value = factors.a * dy[i] * (weight ? weight[i] : 1) + factors.b * (x[i] - factors.mean) + factors.c;
    dx[i] = accumulate ? dx[i] + value : value;
  }
}

inline void rowAddParameterGradients(const float* dy, const float* x, float* dWeight, float* dShift, size_t n, float mean,
                                     float factor) {
  rowKernels().addParameterGradients(dy, x, dWeight, dShift, static_cast<ptrdiff_t>(n), mean, factor);
}
inline void rowAddParameterGradients(const double* dy, const double* x, double* dWeight, double* dShift, size_t n, double mean,
                                     double factor) {
  for (size_t i = 0; i < n; ++i) {
    dWeight[i] += dy[i] * (x[i] - mean) * factor;
    dShift[i] += dy[i];
  }
}

inline void rowSoftmax(const float* x, const float* shift, float* y, size_t n, float scale) {
  rowKernels().softmax(x, shift, y, static_cast<ptrdiff_t>(n), scale);
}
inline void rowSoftmax(const double* x, const double* shift, double* y, size_t n, double scale) {
  for (size_t i = 0; i < n; ++i) y[i] = scale * x[i] + (shift ? shift[i] : 0);
  double largest = y[0];
  for (size_t i = 1; i < n; ++i) largest = y[i] > largest ? y[i] : largest;
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += y[i] = std::exp(y[i] - largest);
  for (size_t i = 0; i < n; ++i) y[i] /= sum;
}

inline void rowLogSoftmax(const float* x, float* y, size_t n) {
  float largest = 0;
  const float sum = rowKernels().exponentialSum(x, static_cast<ptrdiff_t>(n), &largest);
  rowKernels().standardise(x, y, static_cast<ptrdiff_t>(n), largest, 1, -std::log(sum));
}
inline void rowLogSoftmax(const double* x, double* y, size_t n) {
  double largest = x[0];
  for (size_t i = 1; i < n; ++i) largest = x[i] > largest ? x[i] : largest;
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += std::exp(x[i] - largest);
  for (size_t i = 0; i < n; ++i) y[i] = x[i] - largest - std::log(sum);
}

inline void rowSoftmaxGradient(const float* y, const float* dy, float* dx, size_t n, float scale, bool accumulate) {
  rowKernels().softmaxGradient(y, dy, dx, static_cast<ptrdiff_t>(n), scale, accumulate);
}
inline void rowSoftmaxGradient(const double* y, const double* dy, double* dx, size_t n, double scale, bool accumulate) {
  double dot = 0;
  for (size_t i = 0; i < n; ++i) dot += y[i] * dy[i];
  for (size_t i = 0; i < n; ++i) {
    const double value = scale * y[i] * (dy[i] - dot);
    dx[i] = accumulate ? dx[i] + value : value;
  }
}

inline void rowLogSoftmaxGradient(const float* y, const float* dy, float* dx, size_t n, bool accumulate) {
  rowKernels().logSoftmaxGradient(y, dy, dx, static_cast<ptrdiff_t>(n), accumulate);
}
inline void rowLogSoftmaxGradient(const double* y, const double* dy, double* dx, size_t n, bool accumulate) {
  const double sum = rowSum(dy, n);
  for (size_t i = 0; i < n; ++i) {
    const double value = dy[i] - std::exp(y[i]) * sum;
    dx[i] = accumulate ? dx[i] + value : value;
  }
}

/** Σ (y - d)² in double; gradient = factor · (y - d) unless it is null. */
inline double rowSquaredErrors(const float* y, const float* d, float* gradient, size_t n, float factor) {
  return rowKernels().squaredErrors(y, d, gradient, static_cast<ptrdiff_t>(n), factor);
}

}  // namespace deltalab
