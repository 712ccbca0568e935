#pragma once

#include "core/operator.h"

namespace deltalab {

// One function per file of this folder. A new operator: its file, a line here, a line in table.cpp.
OperatorDefinition addOperator();
OperatorDefinition averagePoolOperator();
OperatorDefinition convOperator();
OperatorDefinition convTransposeOperator();
OperatorDefinition divOperator();
OperatorDefinition eluOperator();
OperatorDefinition flattenOperator();
OperatorDefinition gemmOperator();
OperatorDefinition globalAveragePoolOperator();
OperatorDefinition globalMaxPoolOperator();
OperatorDefinition identityOperator();
OperatorDefinition leakyReluOperator();
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
