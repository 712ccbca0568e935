#pragma once

#include <cmath>
#include <cstdint>

#include "core/both.h"
#include "core/operator.h"

// What Cast makes of a value, for the processor and for kernels of a card.

namespace deltalab {

/** ONNX's numbers of element types. */
constexpr int64_t kCastFloat = 1;
constexpr int64_t kCastInt32 = 6;
constexpr int64_t kCastInt64 = 7;
constexpr int64_t kCastBool = 9;
constexpr int64_t kCastDouble = 11;

/** What the values become. Whole numbers and truth values are steps, through which no gradient passes. */
enum class CastTarget { Fraction, Whole, Truth };

inline CastTarget castTarget(const NodeContext& context) {
  const int64_t to = context.integer("to", kCastFloat);
  if (to == kCastBool) return CastTarget::Truth;
  return to == kCastInt32 || to == kCastInt64 ? CastTarget::Whole : CastTarget::Fraction;
}

template <class T>
DELTALAB_BOTH T castValue(CastTarget target, T x) {
  if (target == CastTarget::Truth) return x != 0 ? T(1) : T(0);
  return target == CastTarget::Whole ? std::trunc(x) : x;
}

}  // namespace deltalab
