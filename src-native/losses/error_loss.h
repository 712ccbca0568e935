#pragma once

#include "../cpu/kernels/rows.h"
#include "loss.h"

namespace deltalab {

/**
 * What the losses of a single error e = y - d share: scale · Σ value(e) over the rows, with its gradient. `value` gives a double,
 * `slope` its derivative in T. A template, so that both are inlined into the loop.
 */
template <class T, class Value, class Slope>
double errorLoss(const LossRows<T>& rows, double scale, Value value, Slope slope) {
  const T factor = static_cast<T>(scale * rows.scale);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const T error = y[i] - static_cast<T>(d[i]);
      sum += value(static_cast<double>(error));
      if (gradient) gradient[i] = factor * slope(error);
    }
  }
  return sum * scale;
}

/** ½ e² for every error, times `scale`. */
inline double squaredErrorLoss(const LossRows<double>& rows, double scale) {
  return errorLoss(rows, scale, [](double error) { return 0.5 * error * error; }, [](double error) { return error; });
}

inline double squaredErrorLoss(const LossRows<float>& rows, double scale) {
  const float factor = static_cast<float>(scale * rows.scale);
  const auto sumOf = [&](size_t row, size_t count) {
    const size_t at = row * rows.rowStride;
    float* gradients = rows.gradients ? rows.gradients + at : nullptr;
    return rowSquaredErrors(rows.outputs + at, rows.targets.values + row * rows.columns, gradients, count, factor);
  };
  // Rows without gaps between them are one long row.
  if (rows.rowStride == rows.columns) return 0.5 * scale * sumOf(0, rows.rows * rows.columns);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) sum += sumOf(row, rows.columns);
  return 0.5 * scale * sum;
}

}  // namespace deltalab
