#pragma once

#include <cmath>
#include <cstddef>

#include "core/both.h"

// What the Reduce… operators do with the elements they make one of, for the processor and for kernels of a card: the type of the running value
// Total<T>, its neutral element start(), add(total, x), join(total, total), result(total, count), and what backward does, see the constants.

namespace deltalab {

/** What kinds derive from whose slope at an element follows from it and the result: slope(x, y). The running value is a double. */
struct SlopeKind {
  static constexpr bool kSelects = false;
  static constexpr bool kSloped = true;
  static constexpr bool kMean = false;
  /** Whether the result is a product, whose slope at 0 is that of the other elements. */
  static constexpr bool kMultiplies = false;
  template <class T>
  using Total = double;
  template <class T>
  DELTALAB_BOTH static double start() {
    return 0;
  }
  DELTALAB_BOTH static double join(double a, double b) { return a + b; }
};

/** Sums in double. */
template <bool mean>
struct SumKind {
  static constexpr bool kSloped = false;
  static constexpr bool kSelects = false;
  static constexpr bool kMean = mean;
  template <class T>
  using Total = double;
  template <class T>
  DELTALAB_BOTH static double start() {
    return 0;
  }
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total + static_cast<double>(x);
  }
  DELTALAB_BOTH static double join(double a, double b) { return a + b; }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t count) {
    return static_cast<T>(mean ? total / static_cast<double>(count) : total);
  }
};

/** The largest (sign 1) or smallest (sign -1) element; NaN where there is one. */
template <int sign>
struct ExtremeKind {
  static constexpr bool kSloped = false;
  static constexpr bool kSelects = true;
  static constexpr bool kMean = false;
  template <class T>
  using Total = T;
  template <class T>
  DELTALAB_BOTH static T start() {
    return -sign * static_cast<T>(INFINITY);
  }
  template <class T>
  DELTALAB_BOTH static T add(T total, T x) {
    return sign * x > sign * total || std::isnan(x) ? x : total;
  }
  template <class T>
  DELTALAB_BOTH static T join(T a, T b) {
    return add(a, b);
  }
  template <class T>
  DELTALAB_BOTH static T result(T total, size_t) {
    return total;
  }
};

struct ReduceL1 : SlopeKind {
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total + std::fabs(static_cast<double>(x));
  }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t) {
    return static_cast<T>(total);
  }
  template <class T>
  DELTALAB_BOTH static T slope(T x, T) {
    return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
  }
};

struct ReduceL2 : SlopeKind {
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total + static_cast<double>(x) * static_cast<double>(x);
  }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t) {
    return static_cast<T>(std::sqrt(total));
  }
  template <class T>
  DELTALAB_BOTH static T slope(T x, T y) {
    return y > 0 ? x / y : T(0);
  }
};

struct ReduceLogSum : SlopeKind {
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total + static_cast<double>(x);
  }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t) {
    return static_cast<T>(std::log(total));
  }
  template <class T>
  DELTALAB_BOTH static T slope(T, T y) {
    return std::exp(-y);
  }
};

/** Σ e^(x - largest), with the largest so far: no power overflows. */
struct Powers {
  double largest, sum;
};

struct ReduceLogSumExp : SlopeKind {
  template <class T>
  using Total = Powers;
  template <class T>
  DELTALAB_BOTH static Powers start() {
    return {-static_cast<double>(INFINITY), 0};
  }
  template <class T>
  DELTALAB_BOTH static Powers add(Powers total, T x) {
    return join(total, {static_cast<double>(x), 1});
  }
  DELTALAB_BOTH static Powers join(Powers a, Powers b) {
    if (b.sum == 0) return a;
    if (a.sum == 0) return b;
    // Two infinities of one sign have no difference.
    if (a.largest == b.largest) return {a.largest, a.sum + b.sum};
    if (a.largest < b.largest) return {b.largest, b.sum + a.sum * std::exp(a.largest - b.largest)};
    return {a.largest, a.sum + b.sum * std::exp(b.largest - a.largest)};
  }
  template <class T>
  DELTALAB_BOTH static T result(const Powers& total, size_t) {
    return static_cast<T>(total.largest + std::log(total.sum));
  }
  template <class T>
  DELTALAB_BOTH static T slope(T x, T y) {
    return std::exp(x - y);
  }
};

struct ReduceProd : SlopeKind {
  static constexpr bool kMultiplies = true;
  template <class T>
  DELTALAB_BOTH static double start() {
    return 1;
  }
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total * static_cast<double>(x);
  }
  DELTALAB_BOTH static double join(double a, double b) { return a * b; }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t) {
    return static_cast<T>(total);
  }
  template <class T>
  DELTALAB_BOTH static T slope(T x, T y) {
    return y / x;
  }
};

struct ReduceSumSquare : SlopeKind {
  template <class T>
  DELTALAB_BOTH static double add(double total, T x) {
    return total + static_cast<double>(x) * static_cast<double>(x);
  }
  template <class T>
  DELTALAB_BOTH static T result(double total, size_t) {
    return static_cast<T>(total);
  }
  template <class T>
  DELTALAB_BOTH static T slope(T x, T) {
    return 2 * x;
  }
};

}  // namespace deltalab
