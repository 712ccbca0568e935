#include "depth_space.h"

namespace deltalab {

DepthSpace depthSpaceOf(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  if (shape.size() != 4) context.failShape("pictures of four dimensions are needed, not " + toText(shape));
  const int64_t block = context.integer("blocksize", 0);
  if (block < 1 || block > 32768) context.failAttribute("blocksize", "a positive number is needed");
  return {shape[0], shape[1], shape[2], shape[3], block};
}

}  // namespace deltalab
