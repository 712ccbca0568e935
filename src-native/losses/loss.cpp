#include "loss.h"

namespace deltalab {

const std::vector<const LossDefinition*>& allLosses() {
  static const std::vector<const LossDefinition*> table{&mseLoss(), &halfSquaredLoss(), &crossEntropyLoss(),
                                                        &bceLogitsLoss()};
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

}  // namespace deltalab
