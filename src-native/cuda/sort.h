#pragma once

#include <cstddef>
#include <cstdint>

#include "device.h"

namespace deltalab::cuda {

/** A power of two. */
inline size_t roomToSort(size_t count) {
  size_t room = 2;
  while (room < count) room *= 2;
  return room;
}

/**
 * Sorts the keys of every lane in place, the smallest first; `count` is roomToSort of something: fill up with the largest key. Bitonic sort,
 * K. E. Batcher, "Sorting networks and their applications", 1968.
 */
void sortKeys(Stream& stream, int lanes, uint64_t* keys, size_t count);

}  // namespace deltalab::cuda
