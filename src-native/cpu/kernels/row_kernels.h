#pragma once

// Kernels that walk one row of values at a time: sums for normalisation, softmax; and kernels for the columns of a few rows. Like kernel_table.h, this header is read by files
// compiled for AVX2 and AVX-512: plain types only.

#include <stddef.h>

namespace deltalab {

/**
 * Once per instruction set. A result depends on the row alone, not on where it lies. Sums are of vectors of floats over blocks of
 * 4096 values; the blocks are added in double. An array of weights or shifts may be null: all 1, all 0.
 */
struct RowKernels {
  /** Σ x. */
  double (*sum)(const float* x, ptrdiff_t n);
  /** Σ (x - mean)². */
  double (*squares)(const float* x, ptrdiff_t n, float mean);
  /** sums[0] = Σ g and sums[1] = Σ g · (x - mean), for g = dy · weight. */
  void (*products)(const float* dy, const float* x, const float* weight, ptrdiff_t n, float mean, double* sums);
  /** y = (x - mean) · factor + shift. */
  void (*standardise)(const float* x, float* y, ptrdiff_t n, float mean, float factor, float shift);
  /** y = (x - mean) · factor · weight + shift. */
  void (*standardiseWeighted)(const float* x, const float* weight, const float* shift, float* y, ptrdiff_t n, float mean,
                              float factor);
  /** dx = a · dy · weight + b · (x - mean) + c, or added to dx. */
  void (*standardiseGradient)(const float* dy, const float* x, const float* weight, float* dx, ptrdiff_t n, float mean, float a,
                              float b, float c, bool accumulate);
  /** dWeight += dy · (x - mean) · factor; dShift += dy. */
  void (*addParameterGradients)(const float* dy, const float* x, float* dWeight, float* dShift, ptrdiff_t n, float mean,
                                float factor);
  /** y = e^z / Σ e^z for z = scale · x + shift, scale >= 0. y may be x. */
  void (*softmax)(const float* x, const float* shift, float* y, ptrdiff_t n, float scale);
  /** Σ e^(x - largest), where `largest` is set to the largest x. */
  float (*exponentialSum)(const float* x, ptrdiff_t n, float* largest);
  /** dx = s · y · (dy - Σ dy · y), or added to dx. */
  void (*softmaxGradient)(const float* y, const float* dy, float* dx, ptrdiff_t n, float scale, bool accumulate);
  /** The gradient of the logarithm: dx = dy - e^y · Σ dy, or added to dx. */
  void (*logSoftmaxGradient)(const float* y, const float* dy, float* dx, ptrdiff_t n, bool accumulate);
  /** Σ (y - d)², added up in double; gradient = factor · (y - d) unless it is null. */
  double (*squaredErrors)(const float* y, const float* d, float* gradient, ptrdiff_t n, float factor);

  // Columns of x[rows][n], such as the channels of channels-last pictures. Sums are of floats: for a few hundred rows at most.

  /** sums[j] = Σ x and squares[j] = Σ (x - sums[j] / rows)², over the rows. */
  void (*columnMoments)(const float* x, ptrdiff_t rows, ptrdiff_t n, float* sums, float* squares);
  /** sums[j] = Σ dy and centred[j] = Σ dy · (x - mean[j]), over the rows. */
  void (*columnProducts)(const float* dy, const float* x, ptrdiff_t rows, ptrdiff_t n, const float* mean, float* sums, float* centred);
  /** y = (x - mean[j]) · slope[j] + shift[j]. */
  void (*standardiseColumns)(const float* x, float* y, ptrdiff_t rows, ptrdiff_t n, const float* mean, const float* slope,
                             const float* shift);
  /** dx = a[j] · dy + b[j] · (x - mean[j]) + c[j], or added to dx. */
  void (*standardiseColumnsGradient)(const float* dy, const float* x, float* dx, ptrdiff_t rows, ptrdiff_t n, const float* mean,
                                     const float* a, const float* b, const float* c, bool accumulate);
};

extern const RowKernels rowKernelsBaseline;
#if defined(__x86_64__) || defined(_M_X64)
extern const RowKernels rowKernelsAvx2;
extern const RowKernels rowKernelsAvx512;
#endif

/** The table of the instruction set in use (core/cpu_features.h). */
const RowKernels& rowKernels();

}  // namespace deltalab
