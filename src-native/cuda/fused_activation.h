#pragma once

#include "ops/activation_step.h"
#include "step.h"

#if defined(__CUDACC__)
#define DELTALAB_CALLED __noinline__
#else
#define DELTALAB_CALLED
#endif

namespace deltalab::cuda {

/** The activation that a step applies to its output (StepSpec::activation). */
struct FusedActivation {
  Activation activation = Activation::None;
  float alpha = 0;
};

/** f(u) by a call: there is the code of all activations once in a kernel, not once for every sum that a thread keeps. */
inline DELTALAB_CALLED __device__ float calledActivation(Activation activation, float u, float alpha) {
  return activationValue(activation, u, alpha);
}

/** f(u) of a sum, on its way to memory. */
__device__ inline float activated(const FusedActivation& fused, float u) {
  if (fused.activation == Activation::None) return u;
  if (fused.activation == Activation::Relu) return activationValue(Activation::Relu, u, 0.0F);
  return calledActivation(fused.activation, u, fused.alpha);
}

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
