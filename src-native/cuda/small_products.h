#pragma once

#include "gemm_tile.h"
#include "sums.h"

// Products of matrices that lie in shared memory, by the threads of one block, which wait for nobody. An element is summed up in the order of the
// terms, one after another, whatever the tile, as by multiply() (gemm.h).

namespace deltalab::cuda {

/** Threads of a block: of a lane. */
constexpr int kAll = static_cast<int>(kThreads);

/** Rows of `stride` floats, which begin at multiples of four and are filled up with zeros. */
struct SmallMatrix {
  const float* data;
  int stride;

  __device__ const float* row(int index) const { return data + index * stride; }
};

__device__ inline const Together<4>& fourAt(const float* data) { return *reinterpret_cast<const Together<4>*>(data); }

/** Tiles of rows x columns, where a thread takes every down-th row and every across-th column: neighbours read neighbouring rows of B. */
template <int own, int other, class Store>
__device__ void rowProductTiles(int rows, int columns, int terms, SmallMatrix a, SmallMatrix b, const Store& store) {
  const int down = (rows + own - 1) / own, across = (columns + other - 1) / other;
  for (int tile = static_cast<int>(threadIdx.x); tile < down * across; tile += static_cast<int>(kThreads)) {
    const int y = tile / across, x = tile - y * across;
    const float* left[own];
    const float* right[other];
    DELTALAB_UNROLL
    for (int i = 0; i < own; ++i) left[i] = a.row(y + i * down < rows ? y + i * down : rows - 1);
    DELTALAB_UNROLL
    for (int j = 0; j < other; ++j) right[j] = b.row(x + j * across < columns ? x + j * across : columns - 1);
    float sums[own][other] = {};
    for (int k = 0; k < terms; k += 4) {
      Together<4> ofA[own], ofB[other];
      DELTALAB_UNROLL
      for (int i = 0; i < own; ++i) ofA[i] = fourAt(left[i] + k);
      DELTALAB_UNROLL
      for (int j = 0; j < other; ++j) ofB[j] = fourAt(right[j] + k);
      DELTALAB_UNROLL
      for (int deep = 0; deep < 4; ++deep) {
        DELTALAB_UNROLL
        for (int i = 0; i < own; ++i) {
          DELTALAB_UNROLL
          for (int j = 0; j < other; ++j) sums[i][j] = fmaf(ofA[i].of[deep], ofB[j].of[deep], sums[i][j]);
        }
      }
    }
    DELTALAB_UNROLL
    for (int i = 0; i < own; ++i) {
      DELTALAB_UNROLL
      for (int j = 0; j < other; ++j) {
        if (y + i * down < rows && x + j * across < columns) store(y + i * down, x + j * across, sums[i][j]);
      }
    }
  }
}

/** store(row, column, Σ a[row][k] · b[column][k]): a thread keeps as many sums as leave work for all of them. */
template <class Store>
__device__ void multiplyRows(int rows, int columns, int terms, SmallMatrix a, SmallMatrix b, const Store& store) {
  const int each = rows * columns / static_cast<int>(kThreads);
  if (each >= 16) rowProductTiles<4, 4>(rows, columns, terms, a, b, store);
  else if (each >= 4) rowProductTiles<2, 2>(rows, columns, terms, a, b, store);
  else if (each >= 2) rowProductTiles<1, 2>(rows, columns, terms, a, b, store);
  else rowProductTiles<1, 1>(rows, columns, terms, a, b, store);
}

/** A of multiplyFours: element (row, term) lies row · `along` + term · `deep` floats from its beginning. */
struct SmallSide {
  const float* data;
  int along, deep;
};

template <int own, class Store>
__device__ void fourTiles(int thread, int rows, int columns, int terms, SmallSide a, SmallMatrix b, const Store& store) {
  const int down = (rows + own - 1) / own, across = (columns + 3) / 4;
  for (int tile = thread; tile < down * across; tile += static_cast<int>(kThreads)) {
    const int y = tile / across, x = 4 * (tile - y * across);
    const float* left[own];
    DELTALAB_UNROLL
    for (int i = 0; i < own; ++i) left[i] = a.data + (y + i * down < rows ? y + i * down : rows - 1) * a.along;
    Together<4> sums[own] = {};
    const float* right = b.data + x;
#if defined(__CUDACC__)
#pragma unroll 4
#endif
    for (int k = 0; k < terms; ++k) {
      const Together<4> ofB = fourAt(right + k * b.stride);
      DELTALAB_UNROLL
      for (int i = 0; i < own; ++i) {
        const float ofA = left[i][k * a.deep];
        DELTALAB_UNROLL
        for (int j = 0; j < 4; ++j) sums[i].of[j] = fmaf(ofA, ofB.of[j], sums[i].of[j]);
      }
    }
    DELTALAB_UNROLL
    for (int i = 0; i < own; ++i) {
      if (y + i * down < rows) store(y + i * down, x, sums[i]);
    }
  }
}

/**
 * store(row, column, Σ a(row, k) · b[k][column ...]) of four columns at a time, the last of which may be beyond `columns`. The first tile is that of
 * thread `first`, which becomes the one after the last: so one product begins where another ended.
 */
template <class Store>
__device__ void multiplyFours(int& first, int rows, int columns, int terms, SmallSide a, SmallMatrix b, const Store& store) {
  const int fours = (columns + 3) / 4, thread = (static_cast<int>(threadIdx.x) + kAll - first) % kAll;
  const int own = rows * fours >= 4 * kAll ? 4 : rows * fours >= 2 * kAll ? 2 : 1;
  if (own == 4) fourTiles<4>(thread, rows, columns, terms, a, b, store);
  else if (own == 2) fourTiles<2>(thread, rows, columns, terms, a, b, store);
  else fourTiles<1>(thread, rows, columns, terms, a, b, store);
  // By whole warps.
  first = (first + ((rows + own - 1) / own * fours + kWarp - 1) / kWarp * kWarp) % kAll;
}

}  // namespace deltalab::cuda
