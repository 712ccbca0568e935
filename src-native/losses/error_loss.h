#pragma once

#include <algorithm>

#include "../cpu/kernels/rows.h"
#include "element_losses.h"
#include "loss.h"

namespace deltalab {

/** What the losses of a single error e = y - d share: scale · Σ function.value(e) over the rows, with its gradient (element_losses.h). */
template <class T, class Function>
double errorLoss(const LossRows<T>& rows, double scale, Function function) {
  const T factor = static_cast<T>(scale * rows.scale);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const T error = y[i] - static_cast<T>(d[i]);
      sum += function.value(static_cast<double>(error));
      if (gradient) gradient[i] = factor * function.slope(error);
    }
  }
  return sum * scale;
}

/** ½ e² for every error, times `scale`. */
inline double squaredErrorLoss(const LossRows<double>& rows, double scale) {
  return errorLoss(rows, scale, SquaredError());
}

/** Values whose squares are summed at a time. */
constexpr size_t kSquaresTile = 1024;

/** Σ e² of many rows, some at a time. Those of interleaved lanes are brought together first: the order of a sum must not depend on where they lie. */
inline double sumOfSquaredErrors(const LossRows<float>& rows, float factor) {
  const size_t columns = rows.columns, most = std::max<size_t>(1, kSquaresTile / columns);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; row += most) {
    const size_t count = std::min(most, rows.rows - row), at = row * rows.rowStride;
    const float* const y = rows.outputs + at;
    const float* const d = rows.targets.values + row * columns;
    float* const gradients = rows.gradients ? rows.gradients + at : nullptr;
    if (count == 1 || rows.rowStride == columns) {
      sum += rowSquaredErrors(y, d, gradients, count * columns, factor);
      continue;
    }
    float together[kSquaresTile], slopes[kSquaresTile];
    for (size_t i = 0; i < count; ++i) std::copy_n(y + i * rows.rowStride, columns, together + i * columns);
    sum += rowSquaredErrors(together, d, gradients ? slopes : nullptr, count * columns, factor);
    for (size_t i = 0; gradients && i < count; ++i) std::copy_n(slopes + i * columns, columns, gradients + i * rows.rowStride);
  }
  return sum;
}

inline double squaredErrorLoss(const LossRows<float>& rows, double scale) {
  const float factor = static_cast<float>(scale * rows.scale);
  const size_t count = rows.rows * rows.columns;
  const bool single = rows.rowStride == rows.columns && count <= kSquaresTile;
  return 0.5 * scale *
         (single ? rowSquaredErrors(rows.outputs, rows.targets.values, rows.gradients, count, factor) : sumOfSquaredErrors(rows, factor));
}

}  // namespace deltalab
