#include "error_loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  return errorLoss(rows, 1.0 / static_cast<double>(rows.columns), AbsoluteError());
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
