#pragma once

#include "core/operator.h"

namespace deltalab {

// One function per file of this folder. A new operator: its file, a line here, a line in table.cpp.
const OperatorDefinition& addOperator();
const OperatorDefinition& divOperator();
const OperatorDefinition& eluOperator();
const OperatorDefinition& flattenOperator();
const OperatorDefinition& gemmOperator();
const OperatorDefinition& identityOperator();
const OperatorDefinition& leakyReluOperator();
const OperatorDefinition& mulOperator();
const OperatorDefinition& reluOperator();
const OperatorDefinition& reshapeOperator();
const OperatorDefinition& sigmoidOperator();
const OperatorDefinition& softmaxOperator();
const OperatorDefinition& softplusOperator();
const OperatorDefinition& subOperator();
const OperatorDefinition& tanhOperator();

}  // namespace deltalab
