#pragma once

#include "planner.h"

namespace deltalab {

/**
 * For single precision: lets convolutions compute the max-pool that follows them, and keeps pictures that only convolutions write and read
 * with their channels last (PlannedValue::channelsLast), as the kernels want them. What else sees a picture (Flatten, an output of the
 * graph, another operator) finds it as its shape says.
 */
void arrangePictures(Plan& plan);

}  // namespace deltalab
