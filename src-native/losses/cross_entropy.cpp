#include "loss.h"
#include "softmax_row.h"

namespace deltalab {

namespace {

/** Softmax and its loss in one: log Σ e^z - z_class, gradient softmax(z) - onehot(class). */
template <class T>
double runPlain(const LossRows<T>& rows) {
  constexpr size_t kShort = 64, kTile = 256;
  // A logarithm of a product for as many rows as keep it far from overflow: a sum is from 1 to kShort.
  constexpr size_t kProduct = 64;
  double total = 0;
  if (rows.columns <= kShort) {
    T powers[kTile];
    SoftmaxRow<T> softmax[kTile];
    const size_t most = kTile / rows.columns;
    for (size_t begin = 0; begin < rows.rows; begin += most) {
      const size_t count = std::min(most, rows.rows - begin);
      softmaxRows(rows.outputs + begin * rows.rowStride, rows.rowStride, count, rows.columns, powers, softmax);
      double product = 1;
      for (size_t row = 0; row < count; ++row) {
        const T* z = rows.outputs + (begin + row) * rows.rowStride;
        const size_t target = static_cast<size_t>(rows.targets.classes[begin + row]);
        product *= softmax[row].sum;
        if (row % kProduct == kProduct - 1 || row == count - 1) {
          total += std::log(product);
          product = 1;
        }
        total -= static_cast<double>(z[target]) - static_cast<double>(softmax[row].largest);
        if (!rows.gradients) continue;
        T* gradient = rows.gradients + (begin + row) * rows.rowStride;
        const T scale = static_cast<T>(rows.scale / softmax[row].sum);
        for (size_t i = 0; i < rows.columns; ++i) gradient[i] = powers[row * rows.columns + i] * scale;
        gradient[target] -= static_cast<T>(rows.scale);
      }
    }
    return total;
  }
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* z = rows.outputs + row * rows.rowStride;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    const SoftmaxRow<T> softmax = softmaxRow(z, rows.columns, gradient);
    const size_t target = static_cast<size_t>(rows.targets.classes[row]);
    total += std::log(softmax.sum) - (static_cast<double>(z[target]) - static_cast<double>(softmax.largest));
    if (!gradient) continue;
    const T scale = static_cast<T>(rows.scale / softmax.sum);
    for (size_t i = 0; i < rows.columns; ++i) gradient[i] *= scale;
    gradient[target] -= static_cast<T>(rows.scale);
  }
  return total;
}

/** With p = log softmax(z) and weights w: -(1 - ε) w_class p_class - ε/C Σ w_c p_c. */
template <class T>
double runAdjusted(const LossRows<T>& rows) {
  const std::vector<float>& weights = rows.options.classWeights;
  const auto weight = [&](size_t c) { return weights.empty() ? 1.0 : static_cast<double>(weights[c]); };
  const double spread = rows.options.labelSmoothing / static_cast<double>(rows.columns);
  double all = 0;
  for (size_t c = 0; c < rows.columns; ++c) all += weight(c);
  double total = 0;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* z = rows.outputs + row * rows.rowStride;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    const SoftmaxRow<T> softmax = softmaxRow(z, rows.columns, gradient);
    const size_t target = static_cast<size_t>(rows.targets.classes[row]);
    const double own = (1 - rows.options.labelSmoothing) * weight(target);
    double loss = -own * softmax.logOf(z[target]);
    if (spread != 0) {
      for (size_t c = 0; c < rows.columns; ++c) loss -= spread * weight(c) * softmax.logOf(z[c]);
    }
    total += loss;
    if (!gradient) continue;
    const double share = (own + spread * all) / softmax.sum;
    for (size_t c = 0; c < rows.columns; ++c) {
      const double pull = spread * weight(c) + (c == target ? own : 0);
      gradient[c] = static_cast<T>((share * static_cast<double>(gradient[c]) - pull) * rows.scale);
    }
  }
  return total;
}

template <class T>
double run(const LossRows<T>& rows) {
  const bool plain = rows.options.labelSmoothing == 0 && rows.options.classWeights.empty();
  return plain ? runPlain(rows) : runAdjusted(rows);
}

double weight(const TargetRows& targets, size_t rows, const LossOptions& options) {
  if (options.classWeights.empty()) return static_cast<double>(rows);
  double sum = 0;
  for (size_t row = 0; row < rows; ++row) {
    sum += static_cast<double>(options.classWeights[static_cast<size_t>(targets.classes[row])]);
  }
  return sum;
}

}  // namespace

/**
 * Cross-entropy of logits [N, C] and class indices [N], as torch.nn.CrossEntropyLoss with `weight` and `label_smoothing`: the mean over
 * the batch is weighted by the class of each row.
 */
const LossDefinition& crossEntropyLoss() {
  static const LossDefinition definition = [] {
    LossDefinition loss;
    loss.kind = LossKind::CrossEntropy;
    loss.name = "cross-entropy";
    loss.classes = true;
    loss.runFloat = run<float>;
    loss.runDouble = run<double>;
    loss.weight = weight;
    return loss;
  }();
  return definition;
}

}  // namespace deltalab
