#pragma once

#include "planner.h"

namespace deltalab {

/**
 * Attention takes the softmax of scores · scale + mask. Where a Softmax over the last axis reads a product with a constant number, a sum
 * with a constant mask, or the sum of such a product, and nothing else does, its step does both on the way: the scores go through
 * memory once instead of three times, and once instead of three times on the way back.
 */
void fuseScaledSoftmax(const Graph& graph, Plan& plan);

}  // namespace deltalab
