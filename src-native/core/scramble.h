#pragma once

#include <cstdint>

#include "both.h"

namespace deltalab {

/**
 * 64 bits that look random, from any 64 bits: one step of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", 2014). Random numbers by counter, without a state: the same place gives the same bits in any order.
 */
DELTALAB_BOTH inline uint64_t scramble(uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

}  // namespace deltalab
