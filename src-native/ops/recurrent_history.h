#pragma once

#include <cstddef>

#include "core/memory.h"

namespace deltalab {

/**
 * Values of every lane and direction at every moment: [lanes][directions][slots][count]. Where there are fewer slots than
 * moments they are a ring.
 */
template <class T, class Memory = AlignedBuffer<T>>
class History {
 public:
  History() = default;
  /** `place`: what Memory is made with besides the number of values. */
  template <class... Place>
  History(int lanes, int directions, int slots, size_t count, Place&... place)
      : slots_(static_cast<size_t>(slots)),
        count_(count),
        directionStride_(slots_ * count),
        laneStride_(static_cast<size_t>(directions) * directionStride_),
        memory_(place..., static_cast<size_t>(lanes) * laneStride_) {}

  T* at(int lane, int direction, int slot) {
    return memory_.data() + static_cast<size_t>(lane) * laneStride_ + static_cast<size_t>(direction) * directionStride_ +
           static_cast<size_t>(slot) % slots_ * count_;
  }
  size_t laneStride() const { return laneStride_; }

 private:
  size_t slots_ = 1, count_ = 0, directionStride_ = 0, laneStride_ = 0;
  Memory memory_;
};

}  // namespace deltalab
