#include "formulas.h"

namespace deltalab {

namespace {

/** The last gradient, and the size of the next step. */
size_t slots(const LaneSettings&) { return 2; }

template <bool first>
void loop(const RpropFormula formula, const UpdateChunk& chunk) {
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict last = chunk.slots[0];
  float* __restrict size = chunk.slots[1];
  for (size_t i = 0; i < chunk.count; ++i) formula.update(w[i], g[i], last[i], size[i], first);
}

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const RpropFormula formula(step);
  formula.first ? loop<true>(formula, chunk) : loop<false>(formula, chunk);
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
