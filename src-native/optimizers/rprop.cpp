#include "optimizer.h"

namespace deltalab {

namespace {

/** The last gradient, and the size of the next step. */
size_t slots(const LaneSettings&) { return 2; }

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const LaneSettings& s = step.settings;
  const float shrink = static_cast<float>(s.etaMinus);
  const float grow = static_cast<float>(s.etaPlus);
  const float smallest = static_cast<float>(s.minStep);
  const float largest = static_cast<float>(s.maxStep);
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict last = chunk.slots[0];
  float* __restrict size = chunk.slots[1];
  if (step.number == 1) {
    for (size_t i = 0; i < chunk.count; ++i) size[i] = static_cast<float>(step.rate);
  }
  for (size_t i = 0; i < chunk.count; ++i) {
    const float agreement = g[i] * last[i];
    const float factor = agreement > 0 ? grow : agreement < 0 ? shrink : 1.0F;
    float next = size[i] * factor;
    next = next < smallest ? smallest : next;
    next = next > largest ? largest : next;
    size[i] = next;
    // After a change of sign the weight rests for one step, and the step after it counts as the first.
    const float gradient = agreement < 0 ? 0.0F : g[i];
    last[i] = gradient;
    // A gradient that is no number stays one, so that the lane is seen to diverge.
    g[i] = gradient > 0 ? next : gradient < 0 ? -next : gradient;
    w[i] -= g[i];
  }
}

}  // namespace

/**
 * torch.optim.Rprop (Riedmiller and Braun, 1993): every weight has a step of its own, which grows while the sign of its gradient stays and
 * shrinks when it changes; the size of the gradient does not count. The rate of the first step is where all steps start; later
 * rates have no effect. Meant for the full batch: the signs of small batches are noise.
 */
const OptimizerDefinition& rpropOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Rprop, "rprop", slots, update, false};
  return definition;
}

}  // namespace deltalab
