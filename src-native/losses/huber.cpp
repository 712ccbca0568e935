#include "error_loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  return errorLoss(rows, 1.0 / static_cast<double>(rows.columns), HuberError{rows.options.delta});
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
