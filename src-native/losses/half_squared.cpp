#include "error_loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  return squaredErrorLoss(rows, 1.0);
}

}  // namespace

/** ½ Σ (y - d)² over the outputs, mean over the batch (LECTURE L4). */
const LossDefinition& halfSquaredLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::HalfSquared;
    loss.name = "half-squared";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.meanAnswer = true;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
