#pragma once

#include <algorithm>
#include <cmath>

#include "../cpu/kernels/elementwise.h"

namespace deltalab {

inline void exponentials(float* values, size_t n) { expForward(values, values, n); }

inline void exponentials(double* values, size_t n) {
  for (size_t i = 0; i < n; ++i) values[i] = std::exp(values[i]);
}

/** The parts of a softmax of one row: e^(z - largest) / sum. */
template <class T>
struct SoftmaxRow {
  T largest;
  double sum;

  /** log softmax of one value of the row. */
  double logOf(T value) const { return (static_cast<double>(value) - static_cast<double>(largest)) - std::log(sum); }
};

/** Where `powers` is not null, the e^(z - largest) are written there. */
template <class T>
SoftmaxRow<T> softmaxRow(const T* z, size_t columns, T* powers) {
  constexpr size_t kTile = 64;
  T tile[kTile];
  SoftmaxRow<T> row{z[0], 0};
  for (size_t i = 1; i < columns; ++i) row.largest = z[i] > row.largest ? z[i] : row.largest;
  for (size_t start = 0; start < columns; start += kTile) {
    const size_t width = std::min(kTile, columns - start);
    T* to = powers ? powers + start : tile;
    for (size_t i = 0; i < width; ++i) to[i] = z[start + i] - row.largest;
    exponentials(to, width);
    for (size_t i = 0; i < width; ++i) row.sum += static_cast<double>(to[i]);
  }
  return row;
}

/** The same of several short rows, which share the call of the exponential. `powers` is [rows][columns]. */
template <class T>
void softmaxRows(const T* z, size_t rowStride, size_t rows, size_t columns, T* powers, SoftmaxRow<T>* results) {
  for (size_t row = 0; row < rows; ++row) {
    const T* from = z + row * rowStride;
    T largest = from[0];
    for (size_t i = 1; i < columns; ++i) largest = from[i] > largest ? from[i] : largest;
    for (size_t i = 0; i < columns; ++i) powers[row * columns + i] = from[i] - largest;
    results[row] = {largest, 0};
  }
  exponentials(powers, rows * columns);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < columns; ++i) results[row].sum += static_cast<double>(powers[row * columns + i]);
  }
}

}  // namespace deltalab
