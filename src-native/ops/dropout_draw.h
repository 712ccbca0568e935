#pragma once

#include <cstddef>
#include <cstdint>

#include "core/operator.h"
#include "core/scramble.h"

namespace deltalab {

/**
 * What Dropout multiplies by: 0, by the chance `ratio`, or 1 / (1 - ratio). Value i of a step is dropped when 32 bits that follow from seed,
 * step, node and i alone are below ratio · 2^32: equal for all lanes, threads and devices, and the same again after a restart. Two values
 * share 64 bits.
 */
struct DropoutDraw {
  uint64_t node = 0;
  uint64_t limit = 0;
  /** 1 / (1 - ratio). */
  double kept = 1;

  DELTALAB_BOTH uint64_t keyOf(uint64_t seed, uint64_t step) const { return scramble(scramble(seed ^ node) ^ step); }
  /** Of the values `even` and even + 1. */
  DELTALAB_BOTH static uint64_t bitsOf(uint64_t key, size_t even) { return scramble(key + even); }
  DELTALAB_BOTH bool keepsFirst(uint64_t bits) const { return (bits & 0xffffffffU) >= limit; }
  DELTALAB_BOTH bool keepsSecond(uint64_t bits) const { return bits >> 32 >= limit; }
};

/** Throws 'graph.shape' unless ratio (input 2) and training_mode (input 3) are what they may be. */
void checkDropout(const NodeContext& context);
/** Whether anything is dropped: while training, or where the graph itself asks for it (training_mode). */
bool dropoutDrops(const NodeContext& context, ProgramMode mode);
DropoutDraw dropoutDraw(const NodeContext& context, ProgramMode mode, uint64_t node);

}  // namespace deltalab
