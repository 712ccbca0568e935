#pragma once

#include <vector>

#include "core/operator.h"
#include "loops.h"

namespace deltalab {

/**
 * One tensor as blocks along an axis and the tensors that the blocks are: what Concat joins and Split takes apart.
 * Part i of a row is `sizes[i]` elements at `offsets[i]`.
 */
struct Parts {
  size_t rows = 1;
  size_t rowSize = 0;
  std::vector<size_t> offsets;
  std::vector<size_t> sizes;

  Parts() = default;
  /** `parts`: the shapes, which differ along `axis` only. */
  Parts(const std::vector<Shape>& parts, size_t axis);

  /** f(lane, part, element of the part, element of the whole, n) for every piece of every row that takes part. */
  template <class F>
  void forEachPiece(Run& run, F&& f) const {
    forEachRange(run, rows, rowSize, [&](int lane, size_t begin, size_t end) {
      for (size_t part = 0; part < sizes.size(); ++part) {
        for (size_t row = begin; row < end; ++row) f(lane, part, row * sizes[part], row * rowSize + offsets[part], sizes[part]);
      }
    });
  }
};

/** What Concat joins. */
Parts concatParts(const NodeContext& context);
/** What Split makes. */
Parts splitParts(const NodeContext& context);

/** to = from, or +=. */
template <class T>
void copyOrAdd(const T* from, T* to, size_t n, bool accumulate) {
  if (accumulate) {
    for (size_t i = 0; i < n; ++i) to[i] += from[i];
  } else {
    std::copy_n(from, n, to);
  }
}

}  // namespace deltalab
