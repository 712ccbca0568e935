#pragma once

#include <vector>

#include "core/operator.h"

namespace deltalab {

/** Axes of a tensor of this rank, negative ones counted from the end, as dimensions. Refuses one that is outside or named twice. */
std::vector<size_t> dimensionsOf(const NodeContext& context, const std::vector<int64_t>& axes, size_t rank);

/** Elements before and after the dimensions `first`..`last` (exclusive). */
struct Blocks {
  size_t outer = 1;
  size_t inner = 1;
};
Blocks blocksAround(const Shape& shape, size_t first, size_t last);

}  // namespace deltalab
