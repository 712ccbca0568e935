#include "formulas.h"

namespace deltalab {

namespace {

/** Mean squares of the gradients and of the steps. */
size_t slots(const LaneSettings&) { return 2; }

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const AdadeltaFormula formula(step);
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict squares = chunk.slots[0];
  float* __restrict steps = chunk.slots[1];
  for (size_t i = 0; i < chunk.count; ++i) formula.update(w[i], g[i], squares[i], steps[i]);
}

}  // namespace

/**
 * torch.optim.Adadelta (Zeiler, 2012): g += weightDecay · w; s = ρ s + (1 - ρ) g²; d = √(u + ε) / √(s + ε) · g; u = ρ u + (1 - ρ) d²;
 * w -= rate · d.
 */
const OptimizerDefinition& adadeltaOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Adadelta, "adadelta", slots, update, true};
  return definition;
}

}  // namespace deltalab
