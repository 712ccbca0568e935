#include "table.h"

namespace deltalab {

const std::vector<const OperatorDefinition*>& allOperators() {
  static const std::vector<OperatorDefinition> definitions{
      addOperator(),
      averagePoolOperator(),
      batchNormalizationOperator(),
      castOperator(),
      concatOperator(),
      convOperator(),
      convTransposeOperator(),
      divOperator(),
      dropoutOperator(),
      eluOperator(),
      flattenOperator(),
      gatherOperator(),
      gemmOperator(),
      globalAveragePoolOperator(),
      globalMaxPoolOperator(),
      groupNormalizationOperator(),
      identityOperator(),
      instanceNormalizationOperator(),
      layerNormalizationOperator(),
      leakyReluOperator(),
      logSoftmaxOperator(),
      matMulOperator(),
      maxPoolOperator(),
      mulOperator(),
      padOperator(),
      reduceMaxOperator(),
      reduceMeanOperator(),
      reduceMinOperator(),
      reduceSumOperator(),
      reluOperator(),
      reshapeOperator(),
      sigmoidOperator(),
      sliceOperator(),
      softmaxOperator(),
      softplusOperator(),
      splitOperator(),
      squeezeOperator(),
      subOperator(),
      tanhOperator(),
      transposeOperator(),
      unsqueezeOperator(),
  };
  static const std::vector<const OperatorDefinition*> table = [] {
    std::vector<const OperatorDefinition*> result;
    for (const OperatorDefinition& definition : definitions) result.push_back(&definition);
    return result;
  }();
  return table;
}

const OperatorDefinition* findOperator(const std::string& opType, Device device) {
  for (const OperatorDefinition* definition : allOperators()) {
    if (definition->device == device && opType == definition->opType) return definition;
  }
  return nullptr;
}

}  // namespace deltalab
