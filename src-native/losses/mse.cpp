#include "squared_error.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  return squaredError(rows, 1.0 / static_cast<double>(rows.columns));
}

}  // namespace

/** Mean of (y - d)² over all elements, as torch.nn.MSELoss. */
const LossDefinition& mseLoss() {
  static const LossDefinition definition{LossKind::Mse, "mse", false, run<float>, run<double>};
  return definition;
}

}  // namespace deltalab
