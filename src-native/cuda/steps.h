#pragma once

#include "loops.h"
#include "step.h"

namespace deltalab::cuda {

// Makers of the steps, by the file they stand in; table.cu says which operators they are for.

std::unique_ptr<Step<float>> gemmStep(StepSpec<float>&& spec, Stream& stream);
std::unique_ptr<Step<float>> activationStep(StepSpec<float>&& spec, Stream& stream);

}  // namespace deltalab::cuda
