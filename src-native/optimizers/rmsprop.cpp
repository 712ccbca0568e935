#include "formulas.h"

namespace deltalab {

namespace {

/** The mean square; then, where they are used, the mean gradient (centered) and the velocity (momentum). */
size_t slots(const LaneSettings& settings) {
  return 1 + (settings.centered ? size_t{1} : size_t{0}) + (settings.momentum != 0 ? size_t{1} : size_t{0});
}

template <bool centered, bool moving>
void loop(const RmsPropFormula formula, const UpdateChunk& chunk) {
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict square = chunk.slots[0];
  float* __restrict mean = centered ? chunk.slots[1] : nullptr;
  float* __restrict velocity = moving ? chunk.slots[centered ? 2 : 1] : nullptr;
  float none = 0;
  for (size_t i = 0; i < chunk.count; ++i) {
    formula.update(w[i], g[i], square[i], centered ? mean[i] : none, moving ? velocity[i] : none, centered, moving);
  }
}

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const RmsPropFormula formula(step);
  if (formula.centered) formula.moving ? loop<true, true>(formula, chunk) : loop<true, false>(formula, chunk);
  else formula.moving ? loop<false, true>(formula, chunk) : loop<false, false>(formula, chunk);
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
