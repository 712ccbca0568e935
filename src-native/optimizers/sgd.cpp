#include "../cpu/kernels/elementwise.h"
#include "optimizer.h"

namespace deltalab {

namespace {

size_t slots(const LaneSettings& settings) { return settings.momentum != 0 ? 1 : 0; }

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const LaneSettings& settings = step.settings;
  const float decay = static_cast<float>(settings.weightDecay);
  const float momentum = static_cast<float>(settings.momentum);
  float* __restrict gradient = chunk.gradient;
  if (decay != 0) addScaled(gradient, chunk.weights, chunk.count, decay);
  if (momentum != 0) {
    const float fresh = static_cast<float>(1 - settings.dampening);
    float* __restrict velocity = chunk.slots[0];
    if (step.number == 1) {
      for (size_t i = 0; i < chunk.count; ++i) velocity[i] = gradient[i];
    } else {
      for (size_t i = 0; i < chunk.count; ++i) velocity[i] = velocity[i] * momentum + fresh * gradient[i];
    }
    if (settings.nesterov) {
      for (size_t i = 0; i < chunk.count; ++i) gradient[i] += momentum * velocity[i];
    } else {
      for (size_t i = 0; i < chunk.count; ++i) gradient[i] = velocity[i];
    }
  }
  addScaled(chunk.weights, gradient, chunk.count, static_cast<float>(-step.rate));
}

}  // namespace

/**
 * torch.optim.SGD: g += weightDecay · w; v = momentum · v + (1 - dampening) · g (the first time just g); d = v, or g + momentum · v
 * with nesterov; w -= rate · d.
 */
const OptimizerDefinition& sgdOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Sgd, "sgd", slots, update, true};
  return definition;
}

}  // namespace deltalab
