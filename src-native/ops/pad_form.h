#pragma once

#include <cstdint>
#include <vector>

#include "core/operator.h"

namespace deltalab {

/** For every dimension of a padded tensor: the position in the input that each position comes from; -1: the constant. */
std::vector<std::vector<int64_t>> padSources(const NodeContext& context);

}  // namespace deltalab
