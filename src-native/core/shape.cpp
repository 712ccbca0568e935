#include "shape.h"

#include <algorithm>
#include <limits>

#include "errors.h"

namespace deltalab {

size_t elementCount(const Shape& shape) { return elementCount(shape, 0); }

size_t elementCount(const Shape& shape, size_t from) {
  // So that the bytes of this many doubles can be counted as well.
  constexpr size_t kMost = static_cast<size_t>(std::numeric_limits<std::ptrdiff_t>::max()) / sizeof(double);
  size_t count = 1;
  for (size_t i = from; i < shape.size(); ++i) {
    const size_t size = static_cast<size_t>(shape[i]);
    if (size != 0 && count > kMost / size) {
      const std::string reason = "a tensor of the shape " + toText(shape) + " is too large";
      throw EngineError("graph.shape", reason,
                        {{"node", std::string()}, {"operator", std::string()}, {"reason", reason}});
    }
    count *= size;
  }
  return count;
}

std::string toText(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

bool broadcastShapes(const Shape& a, const Shape& b, Shape& result) {
  const size_t rank = std::max(a.size(), b.size());
  result.assign(rank, 1);
  for (size_t i = 0; i < rank; ++i) {
    const int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1) return false;
    result[rank - 1 - i] = std::max(x, y);
  }
  return true;
}

bool broadcastsTo(const Shape& from, const Shape& to) {
  Shape result;
  return broadcastShapes(from, to, result) && result == to;
}

}  // namespace deltalab
