#include "formulas.h"

namespace deltalab {

namespace {

size_t slots(const LaneSettings&) { return 1; }

template <bool first>
void loop(const AdaGradFormula formula, const UpdateChunk& chunk) {
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict sum = chunk.slots[0];
  for (size_t i = 0; i < chunk.count; ++i) formula.update(w[i], g[i], sum[i], first);
}

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const AdaGradFormula formula(step);
  formula.first ? loop<true>(formula, chunk) : loop<false>(formula, chunk);
}

}  // namespace

/** torch.optim.Adagrad (Duchi et al., 2011): g += weightDecay · w; s += g²; w -= rate / (1 + (t - 1) · decay) · g / (√s + ε). */
const OptimizerDefinition& adaGradOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::AdaGrad, "adagrad", slots, update, false};
  return definition;
}

}  // namespace deltalab
