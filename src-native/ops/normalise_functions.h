#pragma once

#include <cmath>
#include <cstddef>

#include "core/both.h"
#include "cpu/kernels/rows.h"

namespace deltalab {

// What is done with the sums of what is normalised together, by kernels of graphics cards, too.

/** 1 / sqrt(variance + epsilon). */
template <class T>
DELTALAB_BOTH T standardFactor(double variance, double epsilon) {
  return static_cast<T>(1 / std::sqrt(variance + epsilon));
}

/**
 * Of a row by itself. With g = dy · scale, f = 1 / sqrt(variance + epsilon) and n values:
 * dx = f · g - f / n · Σ g - (x - mean) · f³ / n · Σ g (x - mean), and the shares of the outputs mean and f.
 */
template <class T>
DELTALAB_BOTH GradientFactors<T> rowGradient(T mean, T standard, size_t count, RowSums sums, double dMean, double dFactor) {
  const double n = static_cast<double>(count);
  const double factor = static_cast<double>(standard);
  const double cube = factor * factor * factor;
  return {mean, standard, static_cast<T>(-cube / n * (sums.centred + dFactor)), static_cast<T>((dMean - factor * sums.plain) / n)};
}

/**
 * Of a channel by the statistics of the batch. With f = 1 / sqrt(variance + epsilon), n values and the sums of dy:
 * dx = scale · f · (dy - Σ dy / n - (x - mean) · f² · Σ dy (x - mean) / n).
 */
template <class T>
DELTALAB_BOTH GradientFactors<T> batchGradient(T mean, T standard, T scale, size_t count, RowSums sums) {
  const double n = static_cast<double>(count), factor = static_cast<double>(standard);
  const double slope = factor * static_cast<double>(scale);
  return {mean, static_cast<T>(slope), static_cast<T>(-slope * factor * factor * sums.centred / n), static_cast<T>(-slope * sums.plain / n)};
}

/** By given statistics: dx = scale · f · dy. */
template <class T>
DELTALAB_BOTH GradientFactors<T> givenGradient(T mean, T standard, T scale) {
  return {mean, static_cast<T>(static_cast<double>(standard) * static_cast<double>(scale)), T(0), T(0)};
}

/** ∂E/∂scale from Σ dy (x - mean); that of the shift is Σ dy. */
template <class T>
DELTALAB_BOTH T scaleGradient(T standard, double centred) {
  return static_cast<T>(centred * static_cast<double>(standard));
}

/** running · momentum + batch · (1 - momentum). */
template <class T>
DELTALAB_BOTH T movedRunning(T running, double batch, double momentum) {
  return static_cast<T>(static_cast<double>(running) * momentum + batch * (1 - momentum));
}

/** Of the biased variance of `count` values. */
DELTALAB_BOTH inline double unbiasedVariance(double variance, size_t count) {
  const double n = static_cast<double>(count);
  return variance * n / (n - 1);
}

}  // namespace deltalab
