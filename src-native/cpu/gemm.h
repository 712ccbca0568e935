#pragma once

#include <cstddef>

#include "../core/thread_pool.h"
#include "scratch.h"

namespace deltalab {

enum class Activation { None, Relu, LeakyRelu, Elu, Sigmoid, Tanh, Softplus };

/** One product. op(A) is m × k, op(B) is k × n, C is m × n, all row-major; lda, ldb, ldc are elements between rows as
 * stored. */
struct GemmArgs {
  int m, n, k;
  const float* a;
  int lda;
  bool transA;
  const float* b;
  int ldb;
  bool transB;
  float* c;
  int ldc;
  float alpha = 1;
  /** 0 never reads C. */
  float beta = 0;
  /** [n], added to every row; may be null. */
  const float* bias = nullptr;
  Activation activation = Activation::None;
  /** Slope of LeakyRelu, scale of Elu. */
  float activationAlpha = 0;
};

/** Scratch memory of kernels. Grows to the largest use seen and is then reused. Serves one caller at a time. */
struct Workspace {
  /** Of products. */
  Scratch products;
  /** Of kernels that may ask for products meanwhile. */
  Scratch scratch;

  /** Memory held now. */
  size_t bytes() const { return products.bytes() + scratch.bytes(); }
};

/**
 * C = activation(alpha · op(A) · op(B) + beta · C + bias). C overlaps neither A nor B.
 *
 * The bits of an element of C depend only on its row of op(A), its column of op(B), its old value, its bias, the
 * settings and the instruction set: not on m, n, its position, memory alignment, batching or threads. Each element is
 * one chain of fused multiply-adds per block of k (the blocks follow from k alone); blocks are added in order.
 */
void gemm(const GemmArgs& args, ThreadPool& pool, Workspace& workspace);

/**
 * What becomes of rows row..row + rows of a product: `c` holds them one after another, and may be overwritten. Called with null first,
 * when they are about to be computed.
 */
using RowsFunction = void (*)(void* context, int row, int rows, float* c);

/**
 * The same product, but not written to args.c: blocks of rows are computed in scratch memory small enough to stay in a cache, each given to
 * `done` as soon as it is there. The blocks follow from m and n alone. `done` is called by any thread, for different rows at a time.
 * beta must be 0, A transposed and B not, as in the gradient of weights.
 */
void gemmByRows(const GemmArgs& args, ThreadPool& pool, Workspace& workspace, RowsFunction done, void* context);

/** Elements between the matrices of consecutive problems; 0 shares one among all. */
struct GemmStrides {
  size_t a, b, c, bias;
};

/** `count` products of one shape; problem i is left alone when active[i] is 0. A null `active` means all. */
void gemmBatched(const GemmArgs& args, int count, GemmStrides strides, const unsigned char* active, ThreadPool& pool,
                 Workspace& workspace);

}  // namespace deltalab
