#pragma once

#include "core/operator.h"

namespace deltalab {

/** What DepthToSpace and SpaceToDepth share: pictures [batch, channels, y, x], and blocks of `blocksize` × `blocksize` pixels. */
struct DepthSpace {
  int64_t batch, channels, height, width, block;
};

/** Refuses what is no picture, and a block size below 1. */
DepthSpace depthSpaceOf(const NodeContext& context);

}  // namespace deltalab
