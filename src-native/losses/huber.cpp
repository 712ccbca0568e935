#include <cmath>

#include "error_loss.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  const double delta = rows.options.delta;
  const T limit = static_cast<T>(delta);
  return errorLoss(
      rows, 1.0 / static_cast<double>(rows.columns),
      [delta](double error) {
        const double size = std::fabs(error);
        return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
      },
      [limit](T error) { return error > limit ? limit : error < -limit ? -limit : error; });
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
