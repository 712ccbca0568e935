#pragma once

#include <string>
#include <unordered_map>

#include "loops.h"
#include "step.h"

namespace deltalab::cuda {

using StepMaker = std::unique_ptr<Step<float>> (*)(StepSpec<float>&&, Stream&);
/** By operator. */
using StepTable = std::unordered_map<std::string, StepMaker>;

// What there are kernels for, by the file they stand in; backend.cu puts them together.
const StepTable& activationSteps();
const StepTable& argExtremeSteps();
const StepTable& batchNormalizationSteps();
const StepTable& binarySteps();
const StepTable& castSteps();
const StepTable& concatSplitSteps();
const StepTable& convSteps();
const StepTable& cumSumSteps();
const StepTable& dropoutSteps();
const StepTable& gatherSteps();
const StepTable& gemmSteps();
const StepTable& gruSteps();
const StepTable& logicSteps();
const StepTable& lrnSteps();
const StepTable& lstmSteps();
const StepTable& matMulSteps();
const StepTable& normaliseSteps();
const StepTable& poolSteps();
const StepTable& reduceSteps();
const StepTable& resampleSteps();
const StepTable& rnnSteps();
const StepTable& softmaxSteps();
const StepTable& spreadSteps();
const StepTable& stridedSteps();
const StepTable& triluSteps();
const StepTable& unarySteps();
const StepTable& variadicSteps();
const StepTable& whereSteps();

}  // namespace deltalab::cuda
