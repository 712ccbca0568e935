#pragma once

// The functions that exist once per instruction set. This header is read by files compiled for AVX2 and AVX-512: plain
// types only, no C++ standard headers and no inline functions, or the linker might keep an AVX copy of a function that
// every processor runs.

#include <stddef.h>

#include "conv_blocks.h"

namespace deltalab {

/** Sizes and strides, in floats. */
using Index = ptrdiff_t;

/** Values of Activation (cpu/gemm.h), in its order. */
enum KernelActivation {
  kActivationNone,
  kActivationRelu,
  kActivationLeakyRelu,
  kActivationElu,
  kActivationSigmoid,
  kActivationTanh,
  kActivationSoftplus
};

/**
 * A rectangle of a product, C[m][n] (+)= alpha · A[m][k] · B[k][n] for one block of k.
 * A is read one value at a time, from any two strides. B is read in vectors along n.
 */
struct GemmBlock {
  Index m, n, k;
  const float* a;
  Index aRow, aStep;  // between rows, along k
  const float* b;
  Index bStep;  // along k
  /** B comes in panels of KernelTable::columns columns, `bPanel` apart; otherwise its rows are whole. */
  bool bPacked;
  Index bPanel;
  float* c;
  Index cRow;
  float alpha, beta;
  /** One value per column, or per row when `biasPerRow`; may be null. */
  const float* bias;
  bool biasPerRow;
  int activation;
  float activationAlpha;
  /** The first block of k overwrites C (or adds beta · C), the others add to it; the last applies bias and activation.
   */
  bool first, last;
};

struct KernelTable {
  /** Floats of a vector. */
  int width;
  /** Columns of a packed panel of B. */
  int columns;
  /** Most rows of C that one tile holds in registers beside `columns` columns. */
  int rows;
  void (*gemmBlock)(const GemmBlock& block);
  /** Copies B[k][n] (rows `stride` apart) into one panel [k][columns], n <= columns, the last vector of each row padded
   * with zeros. */
  void (*packRows)(const float* from, Index stride, Index k, Index n, float* panel);
  /** The same from the transpose: from[n][k], rows `stride` apart. */
  void (*packColumns)(const float* from, Index stride, Index k, Index n, float* panel);
  /** to[columns][rows] = transpose of from[rows][columns]; the strides are floats between rows. */
  void (*transpose)(const float* from, Index stride, Index rows, Index columns, float* to, Index toStride);

  void (*activationForward)(int activation, const float* x, float* y, Index n, float alpha);
  void (*activationBackward)(int activation, const float* y, const float* dy, float* dx, Index n, float alpha);
  void (*exponential)(const float* x, float* y, Index n);
  void (*addScaled)(float* y, const float* x, Index n, float scale);
  double (*sumOfSquares)(const float* x, Index n);
  ConvKernels conv;
};

extern const KernelTable kernelsBaseline;
#if defined(__x86_64__) || defined(_M_X64)
extern const KernelTable kernelsAvx2;
extern const KernelTable kernelsAvx512;
#endif

/** The table of the instruction set in use (core/cpu_features.h). Defined in elementwise.cpp. */
const KernelTable& kernelTable();

}  // namespace deltalab
