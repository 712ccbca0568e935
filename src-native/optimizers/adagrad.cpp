#include <cmath>

#include "optimizer.h"

namespace deltalab {

namespace {

size_t slots(const LaneSettings&) { return 1; }

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const LaneSettings& s = step.settings;
  const float decay = static_cast<float>(s.weightDecay);
  const float epsilon = static_cast<float>(s.epsilon);
  const float rate = static_cast<float>(step.rate / (1 + static_cast<double>(step.number - 1) * s.learningRateDecay));
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict sum = chunk.slots[0];
  if (step.number == 1) {
    for (size_t i = 0; i < chunk.count; ++i) sum[i] = static_cast<float>(s.initialAccumulator);
  }
  for (size_t i = 0; i < chunk.count; ++i) {
    const float gradient = g[i] + decay * w[i];
    sum[i] += gradient * gradient;
    g[i] = rate * (gradient / (std::sqrt(sum[i]) + epsilon));
    w[i] -= g[i];
  }
}

}  // namespace

/** torch.optim.Adagrad (Duchi et al., 2011): g += weightDecay · w; s += g²; w -= rate / (1 + (t - 1) · decay) · g / (√s + ε). */
const OptimizerDefinition& adaGradOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::AdaGrad, "adagrad", slots, update, false};
  return definition;
}

}  // namespace deltalab
