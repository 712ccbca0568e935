#include <algorithm>
#include <cmath>

#include "cpu/kernels/elementwise.h"
#include "loss.h"

namespace deltalab {

namespace {

constexpr size_t kTile = 64;

void exponentials(float* values, size_t n) { expForward(values, values, n); }

void exponentials(double* values, size_t n) {
  for (size_t i = 0; i < n; ++i) values[i] = std::exp(values[i]);
}

/** Softmax and its loss in one: log Σ e^z - z_class, gradient softmax(z) - onehot(class). */
template <class T>
double run(const LossRows<T>& rows) {
  double total = 0;
  T tile[kTile];
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* z = rows.outputs + row * rows.rowStride;
    T* gradient = rows.gradients ? rows.gradients + row * rows.rowStride : nullptr;
    T largest = z[0];
    for (size_t i = 1; i < rows.columns; ++i) largest = z[i] > largest ? z[i] : largest;
    double sum = 0;
    for (size_t start = 0; start < rows.columns; start += kTile) {
      const size_t width = std::min(kTile, rows.columns - start);
      T* powers = gradient ? gradient + start : tile;
      for (size_t i = 0; i < width; ++i) powers[i] = z[start + i] - largest;
      exponentials(powers, width);
      for (size_t i = 0; i < width; ++i) sum += static_cast<double>(powers[i]);
    }
    const size_t target = static_cast<size_t>(rows.targets.classes[row]);
    total += std::log(sum) - (static_cast<double>(z[target]) - static_cast<double>(largest));
    if (!gradient) continue;
    const T scale = static_cast<T>(rows.scale / sum);
    for (size_t i = 0; i < rows.columns; ++i) gradient[i] *= scale;
    gradient[target] -= static_cast<T>(rows.scale);
  }
  return total;
}

}  // namespace

/** Cross-entropy of logits [N, C] and class indices [N], mean over the batch, as torch.nn.CrossEntropyLoss. */
const LossDefinition& crossEntropyLoss() {
  static const LossDefinition definition{LossKind::CrossEntropy, "cross-entropy", true, run<float>, run<double>};
  return definition;
}

}  // namespace deltalab
