#include "axes.h"

namespace deltalab {

std::vector<size_t> dimensionsOf(const NodeContext& context, const std::vector<int64_t>& axes, size_t rank) {
  std::vector<size_t> dimensions;
  std::vector<bool> seen(rank, false);
  const int64_t limit = static_cast<int64_t>(rank);
  for (int64_t axis : axes) {
    if (axis < -limit || axis >= limit) {
      context.failShape("axis " + std::to_string(axis) + " is outside a tensor of rank " + std::to_string(rank));
    }
    const size_t dimension = static_cast<size_t>(axis < 0 ? axis + limit : axis);
    if (seen[dimension]) context.failShape("axis " + std::to_string(axis) + " is named twice");
    seen[dimension] = true;
    dimensions.push_back(dimension);
  }
  return dimensions;
}

Blocks blocksAround(const Shape& shape, size_t first, size_t last) {
  Blocks blocks;
  for (size_t i = 0; i < first; ++i) blocks.outer *= static_cast<size_t>(shape[i]);
  blocks.inner = elementCount(shape, last);
  return blocks;
}

}  // namespace deltalab
