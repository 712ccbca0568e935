#include <cmath>

#include "loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  const double weight = 1.0 / static_cast<double>(rows.columns);
  const T factor = static_cast<T>(weight * rows.scale);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const T difference = y[i] - static_cast<T>(d[i]);
      sum += std::fabs(static_cast<double>(difference));
      if (gradient) gradient[i] = difference > 0 ? factor : difference < 0 ? -factor : 0 * difference;
    }
  }
  return sum * weight;
}

}  // namespace

/** Mean of |y - d| over all elements, as torch.nn.L1Loss; the gradient at y = d is 0. */
const LossDefinition& absoluteLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::Absolute;
    loss.name = "absolute";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.meanAnswer = true;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
