#pragma once

// The functions of functions.h, written once for every instruction set. Include one simd_*.h, vector_math.h and each_vector.h before.

namespace deltalab {
namespace {

constexpr float kRootHalf = 0.707106781186547524f;
/** 1 / √(2π). */
constexpr float kNormalDensity = 0.398942280401432678f;

/**
 * e^(z²) · erfc(z) for z >= 0: t · P(t) with t = 1 / (1 + z/2). P is the Chebyshev fit of degree 10 on 0 <= z <= 11, beyond which
 * e^(-z²) is 0; largest relative difference 4e-9.
 */
SIMD_FUNCTION Vec scaledErfc(Vec z) {
  const Vec t = divide(all(1.0f), multiplyAdd(z, all(0.5f), all(1.0f)));
  Vec p = all(0.0376009521f);
  p = multiplyAdd(p, t, all(-0.20182842f));
  p = multiplyAdd(p, t, all(0.409237755f));
  p = multiplyAdd(p, t, all(-0.330817393f));
  p = multiplyAdd(p, t, all(0.0168473758f));
  p = multiplyAdd(p, t, all(0.011225697f));
  p = multiplyAdd(p, t, all(0.0649485391f));
  p = multiplyAdd(p, t, all(0.182834418f));
  p = multiplyAdd(p, t, all(0.24565457f));
  p = multiplyAdd(p, t, all(0.28220605f));
  p = multiplyAdd(p, t, all(0.28209046f));
  return multiply(p, t);
}

/** erf(x): x · P(x²) up to 1 (Chebyshev fit of degree 6, 1.3e-9), by erfc beyond, where nothing cancels. */
SIMD_FUNCTION Vec errorFunction(Vec x) {
  const Vec size = absolute(x);
  const Vec square = multiply(x, x);
  Vec p = all(7.84725919e-05f);
  p = multiplyAdd(p, square, all(-8.00818934e-04f));
  p = multiplyAdd(p, square, all(5.18809889e-03f));
  p = multiplyAdd(p, square, all(-2.68536911e-02f));
  p = multiplyAdd(p, square, all(1.12835822e-01f));
  p = multiplyAdd(p, square, all(-3.76126256e-01f));
  p = multiplyAdd(p, square, all(1.12837917e+00f));
  const Vec tail = multiply(exponential(subtract(all(0.0f), square)), scaledErfc(minimum(all(11.0f), size)));
  const Vec large = withSignOf(subtract(all(1.0f), tail), x);
  return choose(greater(size, all(1.0f)), large, multiply(p, x));
}

/** Φ(x) and e^(-x²/2). */
struct Normal {
  Vec below, bell;
};
SIMD_FUNCTION Normal normalOf(Vec x) {
  const Vec bell = exponential(multiply(multiply(x, x), all(-0.5f)));
  const Vec z = minimum(all(11.0f), multiply(absolute(x), all(kRootHalf)));
  const Vec tail = multiply(multiply(bell, scaledErfc(z)), all(0.5f));
  return {choose(greater(x, all(0.0f)), subtract(all(1.0f), tail), tail), bell};
}

constexpr float kGeluScale = 1.59576912160573071f;  // 2·√(2/π)
constexpr float kGeluCube = 0.044715f;

/** ½(1 + tanh u) is the logistic function of 2u, u = √(2/π)·(x + 0.044715·x³). */
SIMD_FUNCTION Vec geluTanhGate(Vec x) {
  const Vec inner = multiplyAdd(multiply(all(kGeluCube), multiply(x, x)), x, x);
  return logistic(multiply(all(kGeluScale), inner));
}

/** tanh(log(1 + e^x)) = n / d, and 1 minus it = rest / d; taken by z = e^-|x|, which cannot overflow. */
struct MishParts {
  Vec n, rest, d, z;
};
SIMD_FUNCTION MishParts mishParts(Vec x) {
  const Vec one = all(1.0f), two = all(2.0f);
  const Vec z = exponential(subtract(all(0.0f), absolute(x)));
  const Condition positive = greater(x, all(0.0f));
  const Vec n = choose(positive, multiplyAdd(two, z, one), multiply(z, add(z, two)));
  const Vec rest = choose(positive, multiply(two, multiply(z, z)), two);
  return {n, rest, add(n, rest), z};
}

SIMD_FUNCTION Vec clampToUnit(Vec x) { return minimum(all(1.0f), maximum(all(0.0f), x)); }

template <ElementFunction function>
SIMD_FUNCTION Vec valueOf(Vec x, Vec p, Vec q) {
  if (function == ElementFunction::Erf) return errorFunction(x);
  if (function == ElementFunction::Exp) return exponential(x);
  if (function == ElementFunction::Gelu) return multiply(x, normalOf(x).below);
  if (function == ElementFunction::GeluTanh) return multiply(x, geluTanhGate(x));
  if (function == ElementFunction::HardSigmoid) return clampToUnit(multiplyAdd(p, x, q));
  if (function == ElementFunction::HardSwish) return multiply(x, clampToUnit(multiplyAdd(all(1.0f / 6), x, all(0.5f))));
  if (function == ElementFunction::Mish) {
    const MishParts parts = mishParts(x);
    return multiply(x, divide(parts.n, parts.d));
  }
  if (function == ElementFunction::Selu) {
    return choose(greater(x, all(0.0f)), multiply(p, x), multiply(q, exponentialMinus1(x)));
  }
  return divide(x, add(all(1.0f), absolute(x)));
}

template <ElementFunction function>
SIMD_FUNCTION Vec slopeOf(Vec x, Vec p, Vec q) {
  const Vec zero = all(0.0f), one = all(1.0f);
  if (function == ElementFunction::Erf) {
    return multiply(all(1.12837916709551257f), exponential(subtract(zero, multiply(x, x))));
  }
  if (function == ElementFunction::Exp) return exponential(x);
  if (function == ElementFunction::Gelu) {
    const Normal normal = normalOf(x);
    return multiplyAdd(multiply(x, all(kNormalDensity)), normal.bell, normal.below);
  }
  if (function == ElementFunction::GeluTanh) {
    const Vec gate = geluTanhGate(x);
    const Vec inner = multiply(all(kGeluScale), multiplyAdd(all(3 * kGeluCube), multiply(x, x), one));
    return multiplyAdd(multiply(multiply(x, gate), subtract(one, gate)), inner, gate);
  }
  if (function == ElementFunction::HardSigmoid) {
    const Vec inner = multiplyAdd(p, x, q);
    return choose(greater(inner, zero), choose(greater(one, inner), p, zero), zero);
  }
  if (function == ElementFunction::HardSwish) {
    const Vec middle = choose(greater(all(3.0f), x), multiplyAdd(all(1.0f / 3), x, all(0.5f)), one);
    return choose(greater(x, all(-3.0f)), middle, zero);
  }
  if (function == ElementFunction::Mish) {
    const MishParts parts = mishParts(x);
    const Vec value = divide(parts.n, parts.d);
    const Vec sigmoid = divide(choose(greater(x, zero), one, parts.z), add(one, parts.z));
    return multiplyAdd(multiply(multiply(x, divide(parts.rest, parts.d)), add(one, value)), sigmoid, value);
  }
  if (function == ElementFunction::Selu) return choose(greater(x, zero), p, multiply(q, exponential(x)));
  const Vec scale = divide(one, add(one, absolute(x)));
  return multiply(scale, scale);
}

template <ElementFunction function>
void forwardLoop(const float* x, float* y, Index n, float p, float q) {
  const Vec ps = all(p), qs = all(q);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, valueOf<function>(get(x), ps, qs)); });
}

template <ElementFunction function>
void backwardLoop(const float* x, const float* dy, float* dx, Index n, float p, float q) {
  const Vec ps = all(p), qs = all(q);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(dx, multiply(get(dy), slopeOf<function>(get(x), ps, qs))); });
}

#define DELTALAB_FUNCTIONS(CASE) \
  CASE(Erf)                      \
  CASE(Exp)                      \
  CASE(Gelu)                     \
  CASE(GeluTanh)                 \
  CASE(HardSigmoid)              \
  CASE(HardSwish)                \
  CASE(Mish)                     \
  CASE(Selu)                     \
  CASE(Softsign)

void functionForward(ElementFunction function, const float* x, float* y, Index n, float p, float q) {
  switch (function) {
#define DELTALAB_CASE(name)    \
  case ElementFunction::name:  \
    return forwardLoop<ElementFunction::name>(x, y, n, p, q);
    DELTALAB_FUNCTIONS(DELTALAB_CASE)
#undef DELTALAB_CASE
  }
}

void functionBackward(ElementFunction function, const float* x, const float* dy, float* dx, Index n, float p, float q) {
  switch (function) {
#define DELTALAB_CASE(name)    \
  case ElementFunction::name:  \
    return backwardLoop<ElementFunction::name>(x, dy, dx, n, p, q);
    DELTALAB_FUNCTIONS(DELTALAB_CASE)
#undef DELTALAB_CASE
  }
}

constexpr FunctionKernels kFunctionKernels = {functionForward, functionBackward};

}  // namespace
}  // namespace deltalab
