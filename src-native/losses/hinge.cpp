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
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    const size_t target = static_cast<size_t>(rows.targets.classes[row]);
    const double right = static_cast<double>(y[target]);
    size_t violations = 0;
    for (size_t i = 0; i < rows.columns; ++i) {
      if (gradient) gradient[i] = 0;
      if (i == target) continue;
      const double lack = rows.options.margin - right + static_cast<double>(y[i]);
      if (lack <= 0) continue;
      // Not `lack > 0`: an output that is no number must show in the loss.
      sum += lack;
      ++violations;
      if (gradient) gradient[i] = factor;
    }
    if (gradient) gradient[target] = -factor * static_cast<T>(violations);
  }
  return sum * weight;
}

}  // namespace

/**
 * Hinge for classes, as torch.nn.MultiMarginLoss with p = 1: Σ max(0, margin - y_class + y_c) / C over the other classes, mean over the batch.
 * Outputs are scores of the classes; two classes are two outputs.
 */
const LossDefinition& hingeLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::Hinge;
    loss.name = "hinge";
    loss.classes = true;
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
