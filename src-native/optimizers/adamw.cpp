#include "adam_step.h"

namespace deltalab {

namespace {

void update(const UpdateStep& step, const UpdateChunk& chunk) { adamUpdate(AdamWFormula(step), chunk); }

}  // namespace

/** torch.optim.AdamW (Loshchilov and Hutter, 2019): w *= 1 - rate · weightDecay, then Adam's step of the plain gradient. */
const OptimizerDefinition& adamWOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::AdamW, "adamw", adamSlots, update, false};
  return definition;
}

}  // namespace deltalab
