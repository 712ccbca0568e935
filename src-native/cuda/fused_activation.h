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

/** ∂E/∂y into ∂E/∂u in place, u being the output before the activation: once for every element, which it returns. */
struct FusedSlope {
  LaneValues<const float> y;
  LaneValues<float> dy;
  FusedActivation fused;

  FusedSlope(const Operand<float>& output, const FusedActivation& activation) : y(valuesOf(output)), dy(gradientOf(output)), fused(activation) {}

  __device__ float operator()(int lane, size_t i) const {
    float& given = dy.of(lane)[i];
    if (fused.activation != Activation::None) given *= activationSlopeFromOutput(fused.activation, y.of(lane)[i], fused.alpha);
    return given;
  }
};

/** That alone; a step with a bias does it while it sums up what is passed to the bias. */
inline void passBack(Stream& stream, int lanes, const FusedActivation& fused, const Operand<float>& output) {
  if (fused.activation == Activation::None) return;
  forEachElement(stream, lanes, output.count, FusedSlope(output, fused));
}

}  // namespace deltalab::cuda
