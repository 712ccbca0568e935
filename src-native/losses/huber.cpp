#include <cmath>

#include "loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  const double weight = 1.0 / static_cast<double>(rows.columns);
  const T factor = static_cast<T>(weight * rows.scale);
  const T delta = static_cast<T>(rows.options.delta);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const T difference = y[i] - static_cast<T>(d[i]);
      const double size = std::fabs(static_cast<double>(difference));
      sum += size <= rows.options.delta ? 0.5 * size * size : rows.options.delta * (size - 0.5 * rows.options.delta);
      if (gradient) gradient[i] = factor * (difference > delta ? delta : difference < -delta ? -delta : difference);
    }
  }
  return sum * weight;
}

}  // namespace

/** As torch.nn.HuberLoss (Huber, 1964), mean over all elements: ½ e² for |e| ≤ δ, else δ (|e| - ½ δ). */
const LossDefinition& huberLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::Huber;
    loss.name = "huber";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.meanAnswer = true;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
