#include "optimizer.h"

namespace deltalab {

const std::vector<const OptimizerDefinition*>& allOptimizers() {
  static const std::vector<const OptimizerDefinition*> table{&sgdOptimizer(),   &adaGradOptimizer(),  &rmsPropOptimizer(),
                                                             &adamOptimizer(),  &adamWOptimizer(),    &adadeltaOptimizer(),
                                                             &rpropOptimizer()};
  return table;
}

const OptimizerDefinition& optimizerOf(OptimizerKind kind) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    if (optimizer->kind == kind) return *optimizer;
  }
  return sgdOptimizer();
}

const OptimizerDefinition* findOptimizer(const std::string& name) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    if (name == optimizer->name) return optimizer;
  }
  return nullptr;
}

}  // namespace deltalab
