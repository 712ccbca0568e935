#pragma once

#include <cmath>

#include "core/both.h"

// The functions of operators that broadcast two inputs, for the processor and for kernels of a card: value(a, b), and gradientA and gradientB, what
// of dy goes to either input.

namespace deltalab {

struct Add {
  static constexpr bool kPassesGradient = true;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    return a + b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T, T) {
    return dy;
  }
};

struct Div {
  static constexpr bool kPassesGradient = false;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    return a / b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T, T b) {
    return dy / b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T a, T b) {
    return -dy * a / (b * b);
  }
};

/** With the sign of a. */
struct Remainder {
  static constexpr bool kPassesGradient = false;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    return std::fmod(a, b);
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T a, T b) {
    return -dy * std::trunc(a / b);
  }
};

/** With the sign of b. */
struct Modulus : Remainder {
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    const T rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T a, T b) {
    return -dy * std::floor(a / b);
  }
};

struct Mul {
  static constexpr bool kPassesGradient = false;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    return a * b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T, T b) {
    return dy * b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T a, T) {
    return dy * a;
  }
};

struct Pow {
  static constexpr bool kPassesGradient = false;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    // By far the most frequent exponent, and the same value.
    return b == 2 ? a * a : std::pow(a, b);
  }
  /** 0 where the exponent is 0, also at a = 0. */
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T a, T b) {
    if (b == 2) return dy * 2 * a;
    return b == 0 ? T(0) : dy * b * std::pow(a, b - 1);
  }
  /** The limit 0 at a = 0, where the logarithm alone would be infinite; not a number for negative a. */
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T a, T b) {
    return a == 0 && b >= 0 ? T(0) : dy * value(a, b) * std::log(a);
  }
};

struct PRelu {
  static constexpr bool kPassesGradient = false;
  template <class T>
  DELTALAB_BOTH static T value(T x, T slope) {
    return x < 0 ? slope * x : x;
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T x, T slope) {
    return x > 0 ? dy : slope * dy;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T x, T) {
    return x > 0 ? T(0) : dy * x;
  }
};

struct Sub {
  static constexpr bool kPassesGradient = true;
  template <class T>
  DELTALAB_BOTH static T value(T a, T b) {
    return a - b;
  }
  template <class T>
  DELTALAB_BOTH static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  DELTALAB_BOTH static T gradientB(T dy, T, T) {
    return -dy;
  }
};

}  // namespace deltalab
