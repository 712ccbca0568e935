#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/operator.h"

namespace deltalab {

/** What Resize does to one dimension. */
struct ResizedAxis {
  int64_t from = 1, to = 1;
  double scale = 1;

  bool stays() const { return from == to && scale == 1; }
};

/** Dimensions that `scales` (input 3) or `sizes` (input 4) name; the others stay. */
std::vector<ResizedAxis> resizedAxes(const NodeContext& context);

/** Where a value of the output comes from along one dimension: a share of `first` and the rest of `second`. */
struct ResizeSource {
  size_t first = 0, second = 0;
  double share = 1;
};

std::vector<ResizeSource> resizeSources(const NodeContext& context, const ResizedAxis& axis);

}  // namespace deltalab
