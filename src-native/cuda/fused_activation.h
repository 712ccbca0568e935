#pragma once

#include "ops/activation_step.h"
#include "step.h"

namespace deltalab::cuda {

/** The activation that a step applies to its output (StepSpec::activation). */
struct FusedActivation {
  Activation activation = Activation::None;
  float alpha = 0;
};

struct FusedSlope {
  LaneValues<const float> y;
  LaneValues<float> dy;
  FusedActivation fused;

  __device__ void operator()(int lane, size_t i) const {
    dy.of(lane)[i] *= activationSlopeFromOutput(fused.activation, y.of(lane)[i], fused.alpha);
  }
};

/** ∂E/∂y into ∂E/∂u in place, u being the output before the activation. */
inline void passBack(Stream& stream, int lanes, const FusedActivation& fused, const Operand<float>& output) {
  if (fused.activation == Activation::None) return;
  forEachElement(stream, lanes, output.count, FusedSlope{valuesOf(output), gradientOf(output), fused});
}

}  // namespace deltalab::cuda
