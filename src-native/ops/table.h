#pragma once

#include "core/operator.h"

namespace deltalab {

// One function per file of this folder. A new operator: its file, a line here, a line in table.cpp.
OperatorDefinition addOperator();
OperatorDefinition averagePoolOperator();
OperatorDefinition batchNormalizationOperator();
OperatorDefinition castOperator();
OperatorDefinition concatOperator();
OperatorDefinition convOperator();
OperatorDefinition convTransposeOperator();
OperatorDefinition divOperator();
OperatorDefinition dropoutOperator();
OperatorDefinition eluOperator();
OperatorDefinition flattenOperator();
OperatorDefinition gatherOperator();
OperatorDefinition gemmOperator();
OperatorDefinition globalAveragePoolOperator();
OperatorDefinition globalMaxPoolOperator();
OperatorDefinition groupNormalizationOperator();
OperatorDefinition identityOperator();
OperatorDefinition instanceNormalizationOperator();
OperatorDefinition layerNormalizationOperator();
OperatorDefinition leakyReluOperator();
OperatorDefinition logSoftmaxOperator();
OperatorDefinition matMulOperator();
OperatorDefinition maxPoolOperator();
OperatorDefinition mulOperator();
OperatorDefinition padOperator();
OperatorDefinition reduceMaxOperator();
OperatorDefinition reduceMeanOperator();
OperatorDefinition reduceMinOperator();
OperatorDefinition reduceSumOperator();
OperatorDefinition reluOperator();
OperatorDefinition reshapeOperator();
OperatorDefinition sigmoidOperator();
OperatorDefinition sliceOperator();
OperatorDefinition softmaxOperator();
OperatorDefinition softplusOperator();
OperatorDefinition splitOperator();
OperatorDefinition squeezeOperator();
OperatorDefinition subOperator();
OperatorDefinition tanhOperator();
OperatorDefinition transposeOperator();
OperatorDefinition unsqueezeOperator();

}  // namespace deltalab
