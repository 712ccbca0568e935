#include "sgd.h"

#include "../cpu/kernels/elementwise.h"

namespace deltalab {

void sgdUpdate(const LaneSettings& settings, bool first, float* weights, float* gradient, float* velocity, size_t n) {
  const float decay = static_cast<float>(settings.weightDecay);
  const float momentum = static_cast<float>(settings.momentum);
  if (decay != 0) addScaled(gradient, weights, n, decay);
  if (momentum != 0) {
    const float fresh = static_cast<float>(1 - settings.dampening);
    if (first) {
      for (size_t i = 0; i < n; ++i) velocity[i] = gradient[i];
    } else {
      for (size_t i = 0; i < n; ++i) velocity[i] = velocity[i] * momentum + fresh * gradient[i];
    }
    if (settings.nesterov) {
      for (size_t i = 0; i < n; ++i) gradient[i] += momentum * velocity[i];
    } else {
      for (size_t i = 0; i < n; ++i) gradient[i] = velocity[i];
    }
  }
  addScaled(weights, gradient, n, static_cast<float>(-settings.learningRate));
}

}  // namespace deltalab
