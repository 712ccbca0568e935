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
const StepTable& binarySteps();
const StepTable& concatSplitSteps();
const StepTable& convSteps();
const StepTable& gatherSteps();
const StepTable& gemmSteps();
const StepTable& lrnSteps();
const StepTable& matMulSteps();
const StepTable& poolSteps();
const StepTable& resampleSteps();
const StepTable& spreadSteps();
const StepTable& stridedSteps();
const StepTable& unarySteps();

}  // namespace deltalab::cuda
