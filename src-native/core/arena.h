#pragma once

#include <cstddef>
#include <vector>

namespace deltalab {

/** A block of memory that is needed from time `begin` to time `end`, both included. */
struct ArenaBlock {
  size_t size;
  int begin;
  int end;
  /** Set by layOut. */
  size_t offset = 0;
};

/**
 * Gives every block a place such that blocks alive at the same time do not overlap; returns the size of the whole.
 * Largest first, each at the lowest free place. Offsets are multiples of what the sizes are multiples of.
 */
size_t layOut(std::vector<ArenaBlock>& blocks);

}  // namespace deltalab
