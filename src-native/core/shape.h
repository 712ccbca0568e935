#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deltalab {

/** Dimensions, row-major. An empty shape is a scalar. */
using Shape = std::vector<int64_t>;

/** Number of elements; 1 for a scalar. Throws 'graph.shape' when no memory could hold them. */
size_t elementCount(const Shape& shape);

/** Elements from dimension `from` on. */
size_t elementCount(const Shape& shape, size_t from);

/** "[3, 4]". */
std::string toText(const Shape& shape);

/** NumPy's (and ONNX's) rule: aligned at the last dimension, equal or 1. False when the shapes do not go together. */
bool broadcastShapes(const Shape& a, const Shape& b, Shape& result);

/** Whether `from` spreads to `to` without changing `to`. */
bool broadcastsTo(const Shape& from, const Shape& to);

}  // namespace deltalab
