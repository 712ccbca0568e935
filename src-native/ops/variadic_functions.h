#pragma once

#include <cmath>

#include "core/both.h"

// How operators join any number of inputs, for the processor and for kernels of a card: join(a, b), kMean (the result is divided by the number of
// inputs) and kSelects: the result is one of the inputs, which gets the gradient; equal inputs share it.

namespace deltalab {

struct SumInputs {
  static constexpr bool kSelects = false;
  static constexpr bool kMean = false;
  template <class T>
  DELTALAB_BOTH static T join(T a, T b) {
    return a + b;
  }
};

struct MeanInputs : SumInputs {
  static constexpr bool kMean = true;
};

/** The larger (sign 1) or smaller (sign -1); not a number where one of them is not. */
template <int sign>
struct ExtremeInput {
  static constexpr bool kSelects = true;
  static constexpr bool kMean = false;
  template <class T>
  DELTALAB_BOTH static T join(T a, T b) {
    return sign * b > sign * a || std::isnan(b) ? b : a;
  }
};

}  // namespace deltalab
