#pragma once

// Elementary functions on a Vec, written once for every instruction set. Include one simd_*.h before this file.
// All are lane by lane without tables or branches, so a value's result does not depend on its neighbours.
// Rounding to an integer is done by adding and subtracting 1.5 · 2^23, where floats are spaced by one.

namespace deltalab {
namespace {

constexpr float kRoundShift = 12582912.0f;
constexpr float kLog2E = 1.44269504088896341f;
// ln 2 in two parts; the first has trailing zeros, so that its product with |n| < 2^8 is exact.
constexpr float kLn2High = 0.693359375f;
constexpr float kLn2Low = -2.12194440054690583e-4f;

/** e^r - 1 for |r| <= ln 2 / 2: Taylor series to r^8, whose next term is below 2^-31 relative. */
SIMD_FUNCTION Vec expm1Reduced(Vec r) {
  Vec p = all(1.0f / 40320);
  p = multiplyAdd(p, r, all(1.0f / 5040));
  p = multiplyAdd(p, r, all(1.0f / 720));
  p = multiplyAdd(p, r, all(1.0f / 120));
  p = multiplyAdd(p, r, all(1.0f / 24));
  p = multiplyAdd(p, r, all(1.0f / 6));
  p = multiplyAdd(p, r, all(0.5f));
  return multiplyAdd(multiply(r, r), p, r);
}

/** Nearest integer to x / ln 2, left shifted by kRoundShift, and the rest r = x - n · ln 2. */
struct Reduced {
  Vec shifted, r;
};
SIMD_FUNCTION Reduced reduce(Vec x) {
  const Vec shifted = multiplyAdd(x, all(kLog2E), all(kRoundShift));
  const Vec n = subtract(shifted, all(kRoundShift));
  const Vec r = multiplyAdd(n, all(-kLn2Low), multiplyAdd(n, all(-kLn2High), x));
  return {shifted, r};
}

/** e^x; infinity above 88.73, subnormal below -87.3, 0 below -104; NaN stays NaN. */
SIMD_FUNCTION Vec exponential(Vec x) {
  const Vec clamped = maximum(all(-104.0f), minimum(all(89.0f), x));
  const Reduced reduced = reduce(clamped);
  const Vec value = add(expm1Reduced(reduced.r), all(1.0f));
  // 2^n by two factors: n reaches beyond the exponents of normal numbers on both sides.
  const Vec n = subtract(reduced.shifted, all(kRoundShift));
  const Vec half = multiplyAdd(n, all(0.5f), all(kRoundShift));
  const Vec rest = add(subtract(n, subtract(half, all(kRoundShift))), all(kRoundShift));
  const Vec result = multiply(multiply(value, exponentBits(half)), exponentBits(rest));
  return choose(isNan(x), x, result);
}

/** e^x - 1 without cancellation near 0; -1 below about -17, infinity above 88.73; NaN stays NaN. */
SIMD_FUNCTION Vec exponentialMinus1(Vec x) {
  const Vec clamped = maximum(all(-20.0f), minimum(all(89.0f), x));
  const Reduced reduced = reduce(clamped);
  // At half its size 2^n is a normal number for every n of the range.
  const Vec scale = exponentBits(subtract(reduced.shifted, all(1.0f)));
  const Vec half = multiplyAdd(expm1Reduced(reduced.r), scale, subtract(scale, all(0.5f)));
  const Vec result = add(half, half);
  // Keeps the sign of zero, subnormal numbers, and NaN.
  return choose(greater(absolute(x), all(1e-30f)), result, x);
}

/** tanh x = t / (t + 2) with t = e^2x - 1, taken at |x|. Beyond 10 the result is ±1. */
SIMD_FUNCTION Vec hyperbolicTangent(Vec x) {
  const Vec size = minimum(all(10.0f), absolute(x));
  const Vec t = exponentialMinus1(add(size, size));
  return withSignOf(divide(t, add(t, all(2.0f))), x);
}

/** 1 / (1 + e^-x), by z = e^-|x|, which neither overflows nor cancels. */
SIMD_FUNCTION Vec logistic(Vec x) {
  const Vec z = exponential(subtract(all(0.0f), absolute(x)));
  return divide(choose(greater(x, all(0.0f)), all(1.0f), z), add(all(1.0f), z));
}

/** log(1 + z) for 0 <= z <= 1: 2 artanh(s) with s = z / (2 + z) <= 1/3, by its series to s^15. */
SIMD_FUNCTION Vec log1pOfUnit(Vec z) {
  const Vec s = divide(z, add(z, all(2.0f)));
  const Vec s2 = multiply(s, s);
  Vec p = all(2.0f / 15);
  p = multiplyAdd(p, s2, all(2.0f / 13));
  p = multiplyAdd(p, s2, all(2.0f / 11));
  p = multiplyAdd(p, s2, all(2.0f / 9));
  p = multiplyAdd(p, s2, all(2.0f / 7));
  p = multiplyAdd(p, s2, all(2.0f / 5));
  p = multiplyAdd(p, s2, all(2.0f / 3));
  return multiplyAdd(multiply(s, s2), p, add(s, s));
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|). */
SIMD_FUNCTION Vec softPlus(Vec x) {
  const Vec z = exponential(subtract(all(0.0f), absolute(x)));
  return add(maximum(all(0.0f), x), log1pOfUnit(z));
}

template <int activation>
SIMD_FUNCTION Vec activate(Vec x, Vec alpha) {
  const Vec zero = all(0.0f);
  if (activation == kActivationRelu) return maximum(zero, x);
  if (activation == kActivationLeakyRelu) return choose(greater(zero, x), multiply(alpha, x), x);
  if (activation == kActivationElu) return choose(greater(zero, x), multiply(alpha, exponentialMinus1(x)), x);
  if (activation == kActivationSigmoid) return logistic(x);
  if (activation == kActivationTanh) return hyperbolicTangent(x);
  if (activation == kActivationSoftplus) return softPlus(x);
  return x;
}

/** dy · f'(x) from y = f(x). */
template <int activation>
SIMD_FUNCTION Vec differentiate(Vec y, Vec dy, Vec alpha) {
  const Vec zero = all(0.0f), one = all(1.0f);
  if (activation == kActivationRelu) return choose(greater(y, zero), dy, zero);
  if (activation == kActivationLeakyRelu) return choose(greater(y, zero), dy, multiply(alpha, dy));
  if (activation == kActivationElu) return choose(greater(y, zero), dy, multiply(add(y, alpha), dy));
  if (activation == kActivationSigmoid) return multiply(multiply(y, subtract(one, y)), dy);
  if (activation == kActivationTanh) return multiply(multiply(subtract(one, y), add(one, y)), dy);
  // Softplus: 1 - e^-y is the logistic function of x.
  if (activation == kActivationSoftplus) return multiply(subtract(zero, exponentialMinus1(subtract(zero, y))), dy);
  return dy;
}

}  // namespace
}  // namespace deltalab
