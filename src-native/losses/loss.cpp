#include "loss.h"

#include <algorithm>
#include <cmath>

namespace deltalab {

const std::vector<const LossDefinition*>& allLosses() {
  static const std::vector<const LossDefinition*> table{&mseLoss(),          &halfSquaredLoss(), &absoluteLoss(), &huberLoss(),
                                                        &crossEntropyLoss(), &bceLogitsLoss(),   &hingeLoss(),    &klDivergenceLoss()};
  return table;
}

const LossDefinition& lossOf(LossKind kind) {
  for (const LossDefinition* loss : allLosses()) {
    if (loss->kind == kind) return *loss;
  }
  return mseLoss();
}

const LossDefinition* findLoss(const std::string& name) {
  for (const LossDefinition* loss : allLosses()) {
    if (name == loss->name) return loss;
  }
  return nullptr;
}

LossIssue checkOptions(const LossDefinition& loss, const LossOptions& options, size_t columns) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!positive(options.delta)) return {"delta", "it must be finite and above 0"};
  if (!positive(options.margin)) return {"margin", "it must be finite and above 0"};
  if (!(options.labelSmoothing >= 0 && options.labelSmoothing <= 1)) return {"labelSmoothing", "it must be from 0 to 1"};
  if (loss.kind != LossKind::CrossEntropy || options.classWeights.empty()) return {};
  if (options.classWeights.size() != columns) {
    return {"classWeights", std::to_string(options.classWeights.size()) + " weights for " + std::to_string(columns) + " classes"};
  }
  const bool sound = std::all_of(options.classWeights.begin(), options.classWeights.end(),
                                 [&](float weight) { return positive(static_cast<double>(weight)); });
  if (!sound) return {"classWeights", "they must be finite and above 0"};
  return {};
}

}  // namespace deltalab
