#include <cmath>

#include "optimizer.h"

namespace deltalab {

namespace {

/** Mean squares of the gradients and of the steps. */
size_t slots(const LaneSettings&) { return 2; }

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const LaneSettings& s = step.settings;
  const float decay = static_cast<float>(s.weightDecay);
  const float rho = static_cast<float>(s.rho);
  const float fresh = static_cast<float>(1 - s.rho);
  const float epsilon = static_cast<float>(s.epsilon);
  const float rate = static_cast<float>(step.rate);
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict gradients = chunk.slots[0];
  float* __restrict steps = chunk.slots[1];
  for (size_t i = 0; i < chunk.count; ++i) {
    const float gradient = g[i] + decay * w[i];
    gradients[i] = gradients[i] * rho + fresh * gradient * gradient;
    const float direction = std::sqrt(steps[i] + epsilon) / std::sqrt(gradients[i] + epsilon) * gradient;
    steps[i] = steps[i] * rho + fresh * direction * direction;
    g[i] = direction;
    w[i] -= rate * direction;
  }
}

}  // namespace

/**
 * torch.optim.Adadelta (Zeiler, 2012): g += weightDecay · w; s = ρ s + (1 - ρ) g²; d = √(u + ε) / √(s + ε) · g; u = ρ u + (1 - ρ) d²;
 * w -= rate · d.
 */
const OptimizerDefinition& adadeltaOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Adadelta, "adadelta", slots, update, true};
  return definition;
}

}  // namespace deltalab
