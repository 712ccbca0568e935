#include "loss.h"
#include "softmax_row.h"

namespace deltalab {

namespace {

template <class T>
double run(const LossRows<T>& rows) {
  double total = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* z = rows.outputs + row * rows.rowStride;
    const float* shares = rows.targets.values + row * rows.columns;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    const SoftmaxRow<T> softmax = softmaxRow(z, rows.columns, gradient);
    double all = 0;
    for (size_t c = 0; c < rows.columns; ++c) {
      const double share = static_cast<double>(shares[c]);
      all += share;
      // The limit of s · log s is 0.
      total += (share > 0 ? share * std::log(share) : 0) - share * softmax.logOf(z[c]);
    }
    if (!gradient) continue;
    const double scale = all / softmax.sum;
    for (size_t c = 0; c < rows.columns; ++c) {
      gradient[c] = static_cast<T>((scale * static_cast<double>(gradient[c]) - static_cast<double>(shares[c])) * rows.scale);
    }
  }
  return total;
}

}  // namespace

/**
 * Kullback-Leibler divergence of the softmax of logits [N, C] from target shares [N, C]: Σ s (log s - log softmax(z)), mean over the
 * batch, as torch.nn.KLDivLoss(reduction='batchmean') on log_softmax(z).
 */
const LossDefinition& klDivergenceLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::KlDivergence;
    loss.name = "kl-divergence";
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.shares = true;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
