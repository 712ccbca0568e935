#pragma once

#include <cstddef>
#include <vector>

#include "core/shape.h"

namespace deltalab {

/**
 * How two inputs spread over an output: the output's elements as nested loops, with the steps of each input (0 where it repeats).
 * Neighbouring dimensions that both inputs walk alike are merged, so most cases are one or two loops.
 */
struct Broadcast {
  std::vector<size_t> sizes;
  std::vector<size_t> aSteps;
  std::vector<size_t> bSteps;

  Broadcast() = default;
  Broadcast(const Shape& a, const Shape& b, const Shape& output);

  size_t innerSize() const { return sizes.back(); }

  /** f(output offset, a offset, b offset) at the start of every run of innerSize() elements, in order. */
  template <class F>
  void forEachRow(F&& f) const {
    size_t index[kMaxRank] = {};
    const size_t outer = sizes.size() - 1;
    size_t out = 0, a = 0, b = 0;
    for (;;) {
      f(out, a, b);
      out += innerSize();
      size_t dimension = outer;
      for (;;) {
        if (dimension == 0) return;
        --dimension;
        a += aSteps[dimension];
        b += bSteps[dimension];
        if (++index[dimension] < sizes[dimension]) break;
        a -= aSteps[dimension] * sizes[dimension];
        b -= bSteps[dimension] * sizes[dimension];
        index[dimension] = 0;
      }
    }
  }

  static constexpr size_t kMaxRank = 16;
};

}  // namespace deltalab
