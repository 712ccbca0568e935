#pragma once

#include <cstdint>

#include "device.h"

namespace deltalab::cuda {

/**
 * Where the lines of an operand of the tile loop (gemm_tile.h) begin, those of one lane or of many, one lane after another: lanes that share the other
 * operand, as those of a first layer share the network's input, are multiplied as one wide matrix.
 */
class LaneLines {
 public:
  /** `count` lines of a lane, `step` elements apart, of `lanes` lanes that are `lane` elements apart. */
  __device__ LaneLines(size_t step, int count, size_t lane, int lanes)
      : step_(step), lane_(lane), count_(lanes == 1 || static_cast<size_t>(count) * step == lane ? 0 : count) {}

  __device__ size_t at(int index) const {
    if (count_ == 0) return static_cast<size_t>(index) * step_;
    const int before = index / count_;
    return static_cast<size_t>(before) * lane_ + static_cast<size_t>(index - before * count_) * step_;
  }

 private:
  size_t step_, lane_;
  /** 0: there is one lane, or its last line is as far from the next lane's first as lines are. */
  int count_;
};

/** How many lanes are multiplied as one: all where they share the other operand. */
inline int lanesTogether(int lanes, int lines, size_t laneOfOther) {
  const bool countable = static_cast<int64_t>(lines) * lanes <= INT32_MAX;
  return laneOfOther == 0 && countable ? lanes : 1;
}

}  // namespace deltalab::cuda
