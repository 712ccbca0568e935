#include "element_losses.h"
#include "loss.h"

namespace deltalab {

namespace {

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
      sum += binaryCrossEntropy(z, t);
      if (gradient) gradient[i] = static_cast<T>(binaryCrossEntropySlope(z, t) * weight * rows.scale);
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
