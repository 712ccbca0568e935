#include "table.h"

namespace deltalab {

const std::vector<const OperatorDefinition*>& allOperators() {
  static const std::vector<const OperatorDefinition*> table{
      &addOperator(),      &divOperator(),     &eluOperator(),     &flattenOperator(), &gemmOperator(),
      &identityOperator(), &leakyReluOperator(), &mulOperator(),   &reluOperator(),    &reshapeOperator(),
      &sigmoidOperator(),  &softmaxOperator(), &softplusOperator(), &subOperator(),    &tanhOperator(),
  };
  return table;
}

const OperatorDefinition* findOperator(const std::string& opType, Device device) {
  for (const OperatorDefinition* definition : allOperators()) {
    if (definition->device == device && opType == definition->opType) return definition;
  }
  return nullptr;
}

}  // namespace deltalab
