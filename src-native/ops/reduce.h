#pragma once

#include <cstddef>

#include "core/operator.h"
#include "cpu/kernels/elementwise.h"

namespace deltalab {

/**
 * out[j] = scale · Σ_i x[i, j] (or +=), for the columns begin..end of a matrix with `stride` elements between rows.
 * Rows are summed in blocks of a fixed size that are then added in order, so the result follows from the shape alone.
 */
template <class T>
void columnSums(const T* x, size_t rows, size_t stride, size_t begin, size_t end, T* out, T scale, bool accumulate) {
  constexpr size_t kRows = 64;
  constexpr size_t kColumns = 64;
  for (size_t tile = begin; tile < end; tile += kColumns) {
    const size_t width = end - tile < kColumns ? end - tile : kColumns;
    T total[kColumns] = {};
    for (size_t row = 0; row < rows; row += kRows) {
      const size_t last = rows - row < kRows ? rows : row + kRows;
      T block[kColumns] = {};
      for (size_t i = row; i < last; ++i) {
        const T* line = x + i * stride + tile;
        for (size_t j = 0; j < width; ++j) block[j] += line[j];
      }
      for (size_t j = 0; j < width; ++j) total[j] += block[j];
    }
    for (size_t j = 0; j < width; ++j) {
      out[tile + j] = accumulate ? out[tile + j] + scale * total[j] : scale * total[j];
    }
  }
}

/** By the kernels, whose chains of additions run side by side. */
inline void columnSums(const float* x, size_t rows, size_t stride, size_t begin, size_t end, float* out, float scale,
                       bool accumulate) {
  constexpr size_t kRows = 256;
  constexpr size_t kColumns = 64;
  for (size_t tile = begin; tile < end; tile += kColumns) {
    const size_t width = end - tile < kColumns ? end - tile : kColumns;
    float total[kColumns] = {};
    for (size_t row = 0; row < rows; row += kRows) {
      addColumns(x + row * stride + tile, rows - row < kRows ? rows - row : kRows, stride, width, total);
    }
    for (size_t j = 0; j < width; ++j) {
      out[tile + j] = accumulate ? out[tile + j] + scale * total[j] : scale * total[j];
    }
  }
}

/** columnSums of every lane that takes part, spread over threads by lane and tile of columns. */
template <class T>
void laneColumnSums(Run& run, const Storage<T>& matrix, size_t rows, size_t columns, size_t rowStride,
                    const Operand<T>& target, T scale) {
  constexpr size_t kTile = 64;
  const LaneSet& lanes = run.lanes;
  const size_t tiles = (columns + kTile - 1) / kTile;
  const auto sum = [&](int lane, size_t begin, size_t end) {
    columnSums(matrix.gradient + lane * matrix.laneStride, rows, rowStride, begin, end, target.gradient(lane), scale,
               target.accumulate);
  };
  if (run.pool.threads() == 1 || rows * columns * lanes.activeCount < kParallelElements) {
    for (int lane = 0; lane < lanes.count; ++lane) {
      if (lanes.has(lane)) sum(lane, 0, columns);
    }
    return;
  }
  run.pool.forEach(static_cast<int>(lanes.count * tiles), [&](int index) {
    const int lane = static_cast<int>(index / tiles);
    const size_t begin = index % tiles * kTile;
    if (lanes.has(lane)) sum(lane, begin, begin + kTile < columns ? begin + kTile : columns);
  });
}

}  // namespace deltalab
