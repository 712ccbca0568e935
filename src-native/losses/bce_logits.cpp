#include <cmath>

#include "loss.h"

namespace deltalab {

namespace {

/** max(z, 0) - z·t + log(1 + e^-|z|), which cannot overflow; gradient sigmoid(z) - t. */
template <class T>
double run(const LossRows<T>& rows) {
  const double weight = 1.0 / static_cast<double>(rows.columns);
  double sum = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* outputs = rows.outputs + row * rows.rowStride;
    const float* targets = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    for (size_t i = 0; i < rows.columns; ++i) {
      const double z = static_cast<double>(outputs[i]);
      const double t = static_cast<double>(targets[i]);
      const double e = std::exp(-std::fabs(z));
      sum += (z > 0 || std::isnan(z) ? z : 0) - z * t + std::log1p(e);
      if (gradient) {
        const double probability = z >= 0 ? 1 / (1 + e) : e / (1 + e);
        gradient[i] = static_cast<T>((probability - t) * weight * rows.scale);
      }
    }
  }
  return sum * weight;
}

}  // namespace

/** Binary cross-entropy of logits, mean over all elements, as torch.nn.BCEWithLogitsLoss. */
const LossDefinition& bceLogitsLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::BceLogits;
    loss.name = "bce-logits";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
