#pragma once

#include "step.h"

namespace deltalab::cuda {

struct Filling {
  LaneValues<float> to;
  float value;

  __device__ void operator()(int lane, size_t i) const { to.of(lane)[i] = value; }
};

inline void fill(Stream& stream, int lanes, size_t count, LaneValues<float> to, float value) {
  forEachElement(stream, lanes, count, Filling{to, value});
}

/** to (+)= from, by rows of `size` elements that lie fromRow and toRow apart. */
struct RowsCopied {
  LaneValues<const float> from;
  LaneValues<float> to;
  size_t size, fromRow, toRow;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const size_t row = i / size, column = i % size;
    float* at = to.of(lane) + row * toRow + column;
    *at = (accumulate ? *at : 0.0F) + from.of(lane)[row * fromRow + column];
  }
};

}  // namespace deltalab::cuda
