#pragma once

#include "planner.h"

namespace deltalab {

/**
 * For single precision: lets convolutions compute the max-pool that follows them, and keeps pictures with their channels last
 * (PlannedValue::channelsLast), as the kernels want them, where only operators see them that can: convolutions, pools, and between these
 * batch normalisation and what works element by element. What else sees a picture (Flatten, an output of the graph, another operator)
 * finds it as its shape says.
 */
void arrangePictures(Plan& plan);

}  // namespace deltalab
