#include "table.h"

namespace deltalab {

const std::vector<const OperatorDefinition*>& allOperators() {
  static const std::vector<OperatorDefinition> definitions{
      absOperator(),
      addOperator(),
      averagePoolOperator(),
      batchNormalizationOperator(),
      castOperator(),
      celuOperator(),
      clipOperator(),
      concatOperator(),
      convOperator(),
      convTransposeOperator(),
      cosOperator(),
      divOperator(),
      dropoutOperator(),
      eluOperator(),
      erfOperator(),
      expandOperator(),
      expOperator(),
      flattenOperator(),
      gatherOperator(),
      geluOperator(),
      gemmOperator(),
      globalAveragePoolOperator(),
      globalMaxPoolOperator(),
      groupNormalizationOperator(),
      gruOperator(),
      hardSigmoidOperator(),
      hardSwishOperator(),
      identityOperator(),
      instanceNormalizationOperator(),
      layerNormalizationOperator(),
      leakyReluOperator(),
      logOperator(),
      logSoftmaxOperator(),
      lstmOperator(),
      matMulOperator(),
      maxOperator(),
      maxPoolOperator(),
      meanOperator(),
      minOperator(),
      mishOperator(),
      mulOperator(),
      negOperator(),
      padOperator(),
      powOperator(),
      preluOperator(),
      reciprocalOperator(),
      reduceMaxOperator(),
      reduceMeanOperator(),
      reduceMinOperator(),
      reduceSumOperator(),
      reluOperator(),
      reshapeOperator(),
      rnnOperator(),
      seluOperator(),
      sigmoidOperator(),
      sinOperator(),
      sliceOperator(),
      softmaxOperator(),
      softplusOperator(),
      softsignOperator(),
      splitOperator(),
      sqrtOperator(),
      squeezeOperator(),
      subOperator(),
      sumOperator(),
      tanhOperator(),
      thresholdedReluOperator(),
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
