#pragma once

#include <cmath>

#include "optimizer.h"

namespace deltalab {

/** Slots of Adam and AdamW: m, v and, with amsgrad, the largest v so far. */
inline size_t adamSlots(const LaneSettings& settings) { return settings.amsgrad ? 3 : 2; }

/** What Adam and AdamW share. */
struct AdamConstants {
  /** 1 - rate · weightDecay: w is multiplied by it (AdamW); 1 otherwise. */
  float keep;
  /** g += decay · w (Adam); 0 otherwise. */
  float decay;
  float fresh1, beta2, fresh2, rootCorrection, epsilon, stepSize;
};

template <bool amsgrad>
void adamLoop(const AdamConstants& c, const UpdateChunk& chunk) {
  float* __restrict w = chunk.weights;
  float* __restrict g = chunk.gradient;
  float* __restrict m = chunk.slots[0];
  float* __restrict v = chunk.slots[1];
  float* __restrict largest = chunk.slots[2];
  for (size_t i = 0; i < chunk.count; ++i) {
    const float gradient = g[i] + c.decay * w[i];
    m[i] += c.fresh1 * (gradient - m[i]);
    v[i] = v[i] * c.beta2 + c.fresh2 * gradient * gradient;
    float square = v[i];
    if (amsgrad) {
      square = largest[i] > square ? largest[i] : square;
      largest[i] = square;
    }
    const float change = c.stepSize * (m[i] / (std::sqrt(square) / c.rootCorrection + c.epsilon));
    const float shrunk = w[i] * c.keep;
    g[i] = (w[i] - shrunk) + change;
    w[i] = shrunk - change;
  }
}

inline void adamUpdate(const UpdateStep& step, const UpdateChunk& chunk, bool decoupled) {
  const LaneSettings& s = step.settings;
  const double number = static_cast<double>(step.number);
  const double correction1 = 1 - std::pow(s.beta1, number);
  const double correction2 = 1 - std::pow(s.beta2, number);
  const AdamConstants constants{static_cast<float>(decoupled ? 1 - step.rate * s.weightDecay : 1),
                                static_cast<float>(decoupled ? 0 : s.weightDecay),
                                static_cast<float>(1 - s.beta1),
                                static_cast<float>(s.beta2),
                                static_cast<float>(1 - s.beta2),
                                static_cast<float>(std::sqrt(correction2)),
                                static_cast<float>(s.epsilon),
                                static_cast<float>(step.rate / correction1)};
  if (s.amsgrad) adamLoop<true>(constants, chunk);
  else adamLoop<false>(constants, chunk);
}

}  // namespace deltalab
