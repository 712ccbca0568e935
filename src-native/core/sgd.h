#pragma once

#include <cstddef>

#include "training.h"

namespace deltalab {

/**
 * PyTorch's SGD on n weights: g += weightDecay · w; velocity = momentum · velocity + (1 - dampening) · g (the first time just g);
 * d = velocity, or g + momentum · velocity with nesterov; w -= learningRate · d.
 * `gradient` becomes d, from which the norm of the update is taken. `velocity` may be null when there is no momentum.
 */
void sgdUpdate(const LaneSettings& settings, bool first, float* weights, float* gradient, float* velocity, size_t n);

}  // namespace deltalab
