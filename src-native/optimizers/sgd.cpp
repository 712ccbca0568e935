#include "../cpu/kernels/elementwise.h"
#include "formulas.h"

namespace deltalab {

namespace {

size_t slots(const LaneSettings& settings) { return settings.momentum != 0 ? 1 : 0; }

template <bool first, bool nesterov>
void turn(const SgdFormula formula, const UpdateChunk& chunk) {
  float* __restrict g = chunk.gradient;
  float* __restrict velocity = chunk.slots[0];
  for (size_t i = 0; i < chunk.count; ++i) formula.turn(g[i], velocity[i], first, nesterov);
}

void update(const UpdateStep& step, const UpdateChunk& chunk) {
  const SgdFormula formula(step);
  if (formula.decay != 0) addScaled(chunk.gradient, chunk.weights, chunk.count, formula.decay);
  if (formula.moving) {
    if (formula.first) formula.nesterov ? turn<true, true>(formula, chunk) : turn<true, false>(formula, chunk);
    else formula.nesterov ? turn<false, true>(formula, chunk) : turn<false, false>(formula, chunk);
  }
  addScaled(chunk.weights, chunk.gradient, chunk.count, formula.minusRate);
}

}  // namespace

/**
 * torch.optim.SGD: g += weightDecay · w; v = momentum · v + (1 - dampening) · g (the first time just g); d = v, or g + momentum · v
 * with nesterov; w -= rate · d.
 */
const OptimizerDefinition& sgdOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Sgd, "sgd", slots, update, true};
  return definition;
}

}  // namespace deltalab
