#pragma once

#include "axes.h"

namespace deltalab {

/** A Gather node: `blocks.outer` times one of `size` rows of `blocks.inner` elements for every index. */
struct GatherForm {
  size_t size = 1;
  Blocks blocks;
};

GatherForm gatherForm(const NodeContext& context);

/** Throws 'graph.value': `value`, read by `node`, names an entry that is not one of `size`. */
[[noreturn]] void failIndex(const std::string& value, const std::string& node, size_t size, double index);

}  // namespace deltalab
