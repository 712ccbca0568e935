#pragma once

#include "core/operator.h"

namespace deltalab {

// One function per file of this folder. A new operator: its file, a line here, a line in table.cpp.
OperatorDefinition addOperator();
OperatorDefinition averagePoolOperator();
OperatorDefinition batchNormalizationOperator();
OperatorDefinition convOperator();
OperatorDefinition convTransposeOperator();
OperatorDefinition divOperator();
OperatorDefinition dropoutOperator();
OperatorDefinition eluOperator();
OperatorDefinition flattenOperator();
OperatorDefinition gemmOperator();
OperatorDefinition globalAveragePoolOperator();
OperatorDefinition globalMaxPoolOperator();
OperatorDefinition groupNormalizationOperator();
OperatorDefinition identityOperator();
OperatorDefinition instanceNormalizationOperator();
OperatorDefinition layerNormalizationOperator();
OperatorDefinition leakyReluOperator();
OperatorDefinition logSoftmaxOperator();
OperatorDefinition maxPoolOperator();
OperatorDefinition mulOperator();
OperatorDefinition reluOperator();
OperatorDefinition reshapeOperator();
OperatorDefinition sigmoidOperator();
OperatorDefinition softmaxOperator();
OperatorDefinition softplusOperator();
OperatorDefinition subOperator();
OperatorDefinition tanhOperator();

}  // namespace deltalab
