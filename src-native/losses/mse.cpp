#include "error_loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  return squaredErrorLoss(rows, 2.0 / static_cast<double>(rows.columns));
}

}  // namespace

/** Mean of (y - d)² over all elements, as torch.nn.MSELoss. */
const LossDefinition& mseLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::Mse;
    loss.name = "mse";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.meanAnswer = true;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
