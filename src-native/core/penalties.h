#pragma once

#include <cmath>

#include "both.h"

// What is done to gradients before the optimizer sees them (Updater), value by value.

namespace deltalab {

/** The gradient of `penalty` · |weight|. */
DELTALAB_BOTH inline float l1Gradient(float weight, float penalty) { return weight > 0 ? penalty : weight < 0 ? -penalty : 0.0F; }

/** Comparisons that are false for a value that is no number, so that it stays one. */
DELTALAB_BOTH inline float clippedTo(float limit, float gradient) { return gradient > limit ? limit : gradient < -limit ? -limit : gradient; }

/** torch.nn.utils.clip_grad_norm_: gradients are multiplied by this where it is not 1 or more. Of a norm that is no number it is none, either. */
DELTALAB_BOTH inline double clipScale(double limit, double sumOfSquares) { return limit / (std::sqrt(sumOfSquares) + 1e-6); }

}  // namespace deltalab
