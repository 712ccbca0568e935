#pragma once

#include <cstddef>

#include "core/both.h"
#include "core/operator.h"

namespace deltalab {

/** An LRN node: its numbers, its windows of neighbouring channels, and the sum of squares in them. */
struct LrnForm {
  double bias = 1, beta = 0.75;
  /** α / size. */
  double share = 0;
  /** Channels of a window before and after its own. */
  size_t before = 0, after = 0;
  /** A sample is [channels][inner]. */
  size_t channels = 1, inner = 1;

  struct Window {
    size_t first, end;
  };

  /** The channels whose squares count for channel c. */
  DELTALAB_BOTH Window around(size_t c) const { return reach(c, before, after); }
  /** The channels that channel c counts for. */
  DELTALAB_BOTH Window readersOf(size_t c) const { return reach(c, after, before); }

  /** bias + α/size Σ x² around channel c at place i of a sample. */
  template <class T>
  DELTALAB_BOTH double scaleAt(const T* x, size_t c, size_t i) const {
    const Window window = around(c);
    double squares = 0;
    for (size_t k = window.first; k < window.end; ++k) {
      const double value = static_cast<double>(x[k * inner + i]);
      squares += value * value;
    }
    return bias + share * squares;
  }

 private:
  DELTALAB_BOTH Window reach(size_t c, size_t down, size_t up) const {
    const size_t end = c + up + 1;
    return {c < down ? 0 : c - down, end < channels ? end : channels};
  }
};

LrnForm lrnForm(const NodeContext& context);

}  // namespace deltalab
