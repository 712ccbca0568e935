#pragma once

#include "core/operator.h"

namespace deltalab {

// One function per file of this folder. A new operator: its file, a line here, a line in table.cpp.
OperatorDefinition absOperator();
OperatorDefinition addOperator();
OperatorDefinition averagePoolOperator();
OperatorDefinition batchNormalizationOperator();
OperatorDefinition castOperator();
OperatorDefinition celuOperator();
OperatorDefinition clipOperator();
OperatorDefinition concatOperator();
OperatorDefinition convOperator();
OperatorDefinition convTransposeOperator();
OperatorDefinition cosOperator();
OperatorDefinition divOperator();
OperatorDefinition dropoutOperator();
OperatorDefinition eluOperator();
OperatorDefinition erfOperator();
OperatorDefinition expandOperator();
OperatorDefinition expOperator();
OperatorDefinition flattenOperator();
OperatorDefinition gatherOperator();
OperatorDefinition geluOperator();
OperatorDefinition gemmOperator();
OperatorDefinition globalAveragePoolOperator();
OperatorDefinition globalMaxPoolOperator();
OperatorDefinition groupNormalizationOperator();
OperatorDefinition gruOperator();
OperatorDefinition hardSigmoidOperator();
OperatorDefinition hardSwishOperator();
OperatorDefinition identityOperator();
OperatorDefinition instanceNormalizationOperator();
OperatorDefinition layerNormalizationOperator();
OperatorDefinition leakyReluOperator();
OperatorDefinition logOperator();
OperatorDefinition logSoftmaxOperator();
OperatorDefinition lstmOperator();
OperatorDefinition matMulOperator();
OperatorDefinition maxOperator();
OperatorDefinition maxPoolOperator();
OperatorDefinition meanOperator();
OperatorDefinition minOperator();
OperatorDefinition mishOperator();
OperatorDefinition mulOperator();
OperatorDefinition negOperator();
OperatorDefinition padOperator();
OperatorDefinition powOperator();
OperatorDefinition preluOperator();
OperatorDefinition reciprocalOperator();
OperatorDefinition reduceMaxOperator();
OperatorDefinition reduceMeanOperator();
OperatorDefinition reduceMinOperator();
OperatorDefinition reduceSumOperator();
OperatorDefinition reluOperator();
OperatorDefinition reshapeOperator();
OperatorDefinition rnnOperator();
OperatorDefinition seluOperator();
OperatorDefinition sigmoidOperator();
OperatorDefinition sinOperator();
OperatorDefinition sliceOperator();
OperatorDefinition softmaxOperator();
OperatorDefinition softplusOperator();
OperatorDefinition softsignOperator();
OperatorDefinition splitOperator();
OperatorDefinition sqrtOperator();
OperatorDefinition squeezeOperator();
OperatorDefinition subOperator();
OperatorDefinition sumOperator();
OperatorDefinition tanhOperator();
OperatorDefinition thresholdedReluOperator();
OperatorDefinition transposeOperator();
OperatorDefinition unsqueezeOperator();

}  // namespace deltalab
