#pragma once

#include <cmath>

#include "../core/both.h"

// Losses that are sums over the elements of the output: what one element adds, in double, and its derivative. Of the processor and of cards.

namespace deltalab {

/** ½ e² */
struct SquaredError {
  DELTALAB_BOTH double value(double error) const { return 0.5 * error * error; }
  template <class T>
  DELTALAB_BOTH T slope(T error) const {
    return error;
  }
};

/** |e|; the derivative at 0 is 0. */
struct AbsoluteError {
  DELTALAB_BOTH double value(double error) const { return std::fabs(error); }
  template <class T>
  DELTALAB_BOTH T slope(T error) const {
    // A NaN stays one.
    return error > 0 ? T(1) : error < 0 ? T(-1) : 0 * error;
  }
};

/** ½ e² for |e| ≤ δ, else δ (|e| - ½ δ). */
struct HuberError {
  double delta;
  DELTALAB_BOTH double value(double error) const {
    const double size = std::fabs(error);
    return size <= delta ? 0.5 * size * size : delta * (size - 0.5 * delta);
  }
  template <class T>
  DELTALAB_BOTH T slope(T error) const {
    const T limit = static_cast<T>(delta);
    return error > limit ? limit : error < -limit ? -limit : error;
  }
};

/** Of a logit z and a target t: max(z, 0) - z·t + log(1 + e^-|z|), which cannot overflow. */
DELTALAB_BOTH inline double binaryCrossEntropy(double z, double t) {
  // What is no number is not above 0, and must show all the same.
  return (z > 0 || z != z ? z : 0) - z * t + std::log1p(std::exp(-std::fabs(z)));
}

/** sigmoid(z) - t */
DELTALAB_BOTH inline double binaryCrossEntropySlope(double z, double t) {
  const double e = std::exp(-std::fabs(z));
  return (z >= 0 ? 1 / (1 + e) : e / (1 + e)) - t;
}

}  // namespace deltalab
