#include <cmath>

#include "optimizer.h"

namespace deltalab {

namespace {

/** The mean square; then, where they are used, the mean gradient (centered) and the velocity (momentum). */
size_t slots(const LaneSettings& settings) {
  return 1 + (settings.centered ? size_t{1} : size_t{0}) + (settings.momentum != 0 ? size_t{1} : size_t{0});
}

template <bool centered, bool moving>
void loop(const UpdateStep& step, const UpdateChunk& chunk) {
  const LaneSettings& s = step.settings;
  const float decay = static_cast<float>(s.weightDecay);
  const float alpha = static_cast<float>(s.alpha);
  const float fresh = static_cast<float>(1 - s.alpha);
  const float epsilon = static_cast<float>(s.epsilon);
  const float momentum = static_cast<float>(s.momentum);
  const float rate = static_cast<float>(step.rate);
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict square = chunk.slots[0];
  float* __restrict mean = centered ? chunk.slots[1] : nullptr;
  float* __restrict velocity = moving ? chunk.slots[centered ? 2 : 1] : nullptr;
  for (size_t i = 0; i < chunk.count; ++i) {
    const float gradient = g[i] + decay * w[i];
    square[i] = square[i] * alpha + fresh * gradient * gradient;
    float spread = square[i];
    if (centered) {
      mean[i] += fresh * (gradient - mean[i]);
      spread -= mean[i] * mean[i];
    }
    float direction = gradient / (std::sqrt(spread) + epsilon);
    if (moving) {
      direction += velocity[i] * momentum;
      velocity[i] = direction;
    }
    g[i] = direction;
    w[i] -= rate * direction;
  }
}

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const bool moving = step.settings.momentum != 0;
  if (step.settings.centered) moving ? loop<true, true>(step, chunk) : loop<true, false>(step, chunk);
  else moving ? loop<false, true>(step, chunk) : loop<false, false>(step, chunk);
}

}  // namespace

/**
 * torch.optim.RMSprop (Hinton, 2012): g += weightDecay · w; s = α s + (1 - α) g²; d = g / (√s + ε), where with centered the square of the
 * mean gradient is taken off s; with momentum v = momentum · v + d is the direction; w -= rate · d.
 */
const OptimizerDefinition& rmsPropOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::RmsProp, "rmsprop", slots, update, true};
  return definition;
}

}  // namespace deltalab
