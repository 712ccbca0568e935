#include "concat_split.h"

#include "axes.h"

namespace deltalab {

Parts::Parts(const std::vector<Shape>& parts, size_t axis) : rows(blocksAround(parts[0], axis, axis).outer) {
  for (const Shape& part : parts) {
    offsets.push_back(rowSize);
    sizes.push_back(elementCount(part, axis));
    rowSize += sizes.back();
  }
}

}  // namespace deltalab
