#pragma once

// Kernels of small fully connected layers, whose samples lie along the vectors: values are [features][samples]. Like kernel_table.h, this
// header is read by files compiled for AVX2 and AVX-512: plain types only.

#include <stddef.h>

namespace deltalab {

/**
 * C[m][n] = Σ_k A[m][k] · B[k][n] + bias[m], for matrices that are in the first-level cache. A is read one value at a time, from any two
 * strides, B in vectors along n. An element is one chain of multiply-adds in the order of k, then its bias.
 */
struct DenseProduct {
  ptrdiff_t m, n, k;
  const float* a;
  ptrdiff_t aRow, aStep;  // between rows, along k
  const float* b;
  ptrdiff_t bStep;  // along k
  float* c;
  ptrdiff_t cRow;
  /** [m]; may be null. */
  const float* bias;
  /** Where `by` is not 0, moved[m][n] += by · C[m][n]: C is a gradient, and these are the weights. */
  float* moved;
  float by;
};

/**
 * Gradients of a layer of few inputs: dw[m][j] = Σ_s dy[m][s] · x[j][s], dw without gaps between rows, and db[m] = Σ_s dy[m][s].
 * The sums of many inputs are a DenseProduct; then `inputs` is 0.
 */
struct DenseSums {
  ptrdiff_t outputs, inputs;
  /** Of dy and x, whole vectors; beyond the samples that there are, dy is 0 and x finite. */
  ptrdiff_t samples;
  const float* dy;
  const float* x;
  float* dw;
  float* db;
  /** Where `by` is not 0, weights and bias are moved by so many times their gradients; db and bias may be null. */
  float* weights;
  float* bias;
  float by;
};

struct DenseKernels {
  /** Floats of a vector. */
  ptrdiff_t width;
  void (*product)(const DenseProduct& product);
  void (*sums)(const DenseSums& sums);
};

extern const DenseKernels denseKernelsBaseline;
#if defined(__x86_64__) || defined(_M_X64)
extern const DenseKernels denseKernelsAvx2;
extern const DenseKernels denseKernelsAvx512;
#endif

/** The table of the instruction set in use (core/cpu_features.h). */
const DenseKernels& denseKernels();

}  // namespace deltalab
