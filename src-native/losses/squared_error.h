#pragma once

#include "loss.h"

namespace deltalab {

/** Σ over the rows of weight · Σ (y - d)², with its gradient: what the squared losses share. */
template <class T>
double squaredError(const LossRows<T>& rows, double weight) {
  const T factor = static_cast<T>(2 * weight * rows.scale);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const T difference = y[i] - static_cast<T>(d[i]);
      sum += static_cast<double>(difference) * static_cast<double>(difference);
      if (gradient) gradient[i] = factor * difference;
    }
  }
  return sum * weight;
}

}  // namespace deltalab
