#pragma once

#include "axes.h"

namespace deltalab {

/** A Gather node: `blocks.outer` times one of `size` rows of `blocks.inner` elements for every index. */
struct GatherForm {
  size_t size = 1;
  Blocks blocks;
};

GatherForm gatherForm(const NodeContext& context);

}  // namespace deltalab
