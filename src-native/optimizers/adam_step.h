#pragma once

#include "formulas.h"

namespace deltalab {

/** Slots of Adam and AdamW: m, v and, with amsgrad, the largest v so far. */
inline size_t adamSlots(const LaneSettings& settings) { return settings.amsgrad ? 3 : 2; }

template <bool amsgrad>
void adamLoop(const AdamFormula formula, const UpdateChunk& chunk) {
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict m = chunk.slots[0];
  float* __restrict v = chunk.slots[1];
  float* __restrict largest = amsgrad ? chunk.slots[2] : nullptr;
  float none = 0;
  for (size_t i = 0; i < chunk.count; ++i) formula.update(w[i], g[i], m[i], v[i], amsgrad ? largest[i] : none, amsgrad);
}

inline void adamUpdate(const AdamFormula& formula, const UpdateChunk& chunk) {
  formula.amsgrad ? adamLoop<true>(formula, chunk) : adamLoop<false>(formula, chunk);
}

}  // namespace deltalab
