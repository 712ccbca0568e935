#include "adam_step.h"

namespace deltalab {

namespace {

void update(const UpdateStep& step, const UpdateChunk& chunk) { adamUpdate(AdamFormula(step), chunk); }

}  // namespace

/**
 * torch.optim.Adam (Kingma and Ba, 2015): g += weightDecay · w; m += (1 - β1)(g - m); v = β2 v + (1 - β2) g²;
 * w -= rate / (1 - β1^t) · m / (√v / √(1 - β2^t) + ε). With amsgrad v is replaced by its largest value so far.
 */
const OptimizerDefinition& adamOptimizer() {
  static const OptimizerDefinition definition{OptimizerKind::Adam, "adam", adamSlots, update, false};
  return definition;
}

}  // namespace deltalab
