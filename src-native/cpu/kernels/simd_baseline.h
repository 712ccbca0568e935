#pragma once

// The few vector operations the kernels are written in: here four floats, by SSE2 on x86 and plain loops, which
// compilers turn into the machine's own vectors, elsewhere. simd_avx2.h and simd_avx512.h offer the same names.

#if defined(__x86_64__) || defined(_M_X64)
#include <emmintrin.h>
#define DELTALAB_SSE2 1
#endif

#include "simd_macros.h"

namespace deltalab {
namespace {

constexpr Index kWidth = 4;
/** The first n lanes, 1 <= n <= kWidth. Loading leaves the others zero, storing leaves memory beyond them alone. */
using Lanes = Index;
SIMD_FUNCTION Lanes firstLanes(Index count) { return count; }

#ifdef DELTALAB_SSE2

using Vec = __m128;
using Condition = __m128;

SIMD_FUNCTION Vec load(const float* from) { return _mm_loadu_ps(from); }
SIMD_FUNCTION void store(float* to, Vec v) { _mm_storeu_ps(to, v); }
/** A promise that v is used more than once, and should stay in a register. */
SIMD_FUNCTION void hold(Vec& v) { SIMD_HELD(v, "x"); }
SIMD_FUNCTION Vec all(float value) { return _mm_set1_ps(value); }
SIMD_FUNCTION Vec add(Vec a, Vec b) { return _mm_add_ps(a, b); }
SIMD_FUNCTION Vec subtract(Vec a, Vec b) { return _mm_sub_ps(a, b); }
SIMD_FUNCTION Vec multiply(Vec a, Vec b) { return _mm_mul_ps(a, b); }
SIMD_FUNCTION Vec divide(Vec a, Vec b) { return _mm_div_ps(a, b); }
/** a · b + c; rounded once where the instruction set can, twice here. */
SIMD_FUNCTION Vec multiplyAdd(Vec a, Vec b, Vec c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
/** The second operand when either is NaN. */
SIMD_FUNCTION Vec minimum(Vec a, Vec b) { return _mm_min_ps(a, b); }
/** The second operand when either is NaN. */
SIMD_FUNCTION Vec maximum(Vec a, Vec b) { return _mm_max_ps(a, b); }
SIMD_FUNCTION Vec absolute(Vec a) { return _mm_andnot_ps(_mm_set1_ps(-0.0f), a); }
/** `magnitude` must not be negative. */
SIMD_FUNCTION Vec withSignOf(Vec magnitude, Vec sign) {
  return _mm_or_ps(magnitude, _mm_and_ps(_mm_set1_ps(-0.0f), sign));
}
/** False where either is NaN. */
SIMD_FUNCTION Condition greater(Vec a, Vec b) { return _mm_cmpgt_ps(a, b); }
SIMD_FUNCTION Condition equal(Vec a, Vec b) { return _mm_cmpeq_ps(a, b); }
SIMD_FUNCTION Condition either(Condition a, Condition b) { return _mm_or_ps(a, b); }
/** Whole numbers from 0 to 255. */
SIMD_FUNCTION Vec loadBytes(const unsigned char* from) { return _mm_setr_ps(from[0], from[1], from[2], from[3]); }
SIMD_FUNCTION void storeBytes(unsigned char* to, Vec v) {
  const __m128i numbers = _mm_cvtps_epi32(v);
  const __m128i words = _mm_packs_epi32(numbers, numbers);
  const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
  for (int i = 0; i < 4; ++i) to[i] = static_cast<unsigned char>(static_cast<unsigned>(bytes) >> (8 * i));
}
SIMD_FUNCTION Condition isNan(Vec a) { return _mm_cmpunord_ps(a, a); }
SIMD_FUNCTION Vec choose(Condition c, Vec yes, Vec no) { return _mm_or_ps(_mm_and_ps(c, yes), _mm_andnot_ps(c, no)); }
/** 2^n from n + 1.5 · 2^23: the low bits of such a float are the integer n. -127 < n < 128. */
SIMD_FUNCTION Vec exponentBits(Vec shifted) {
  return _mm_castsi128_ps(_mm_add_epi32(_mm_slli_epi32(_mm_castps_si128(shifted), 23), _mm_set1_epi32(0x3f800000)));
}
SIMD_FUNCTION Vec loadLanes(const float* from, Lanes lanes) {
  switch (lanes) {
    case 1:
      return _mm_load_ss(from);
    case 2:
      return _mm_setr_ps(from[0], from[1], 0, 0);
    case 3:
      return _mm_setr_ps(from[0], from[1], from[2], 0);
    default:
      return _mm_loadu_ps(from);
  }
}
SIMD_FUNCTION void storeLanes(float* to, Lanes lanes, Vec v) {
  if (lanes == kWidth) return _mm_storeu_ps(to, v);
  float values[kWidth];
  _mm_storeu_ps(values, v);
  for (Index i = 0; i < lanes; ++i) to[i] = values[i];
}
/** Halves added to each other until one is left. */
SIMD_FUNCTION float sumOfLanes(Vec v) {
  const __m128 two = _mm_add_ps(v, _mm_movehl_ps(v, v));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
/** Sums in double precision, one per lane. */
struct Doubles {
  __m128d low, high;
};
SIMD_FUNCTION Doubles noDoubles() { return {_mm_setzero_pd(), _mm_setzero_pd()}; }
SIMD_FUNCTION Doubles addSquares(Doubles sums, Vec v) {
  const __m128d low = _mm_cvtps_pd(v), high = _mm_cvtps_pd(_mm_movehl_ps(v, v));
  return {_mm_add_pd(sums.low, _mm_mul_pd(low, low)), _mm_add_pd(sums.high, _mm_mul_pd(high, high))};
}
SIMD_FUNCTION Doubles add(Doubles a, Doubles b) { return {_mm_add_pd(a.low, b.low), _mm_add_pd(a.high, b.high)}; }
SIMD_FUNCTION double sumOfLanes(Doubles sums) {
  const __m128d two = _mm_add_pd(sums.low, sums.high);
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}
/** Square matrix of kWidth rows, in place. */
SIMD_FUNCTION void transpose(Vec (&r)[4]) { _MM_TRANSPOSE4_PS(r[0], r[1], r[2], r[3]); }

#else

struct Vec {
  float lane[kWidth];
};
struct Condition {
  bool lane[kWidth];
};

#define SIMD_EACH(result, expression)                          \
  result;                                                      \
  for (Index i = 0; i < kWidth; ++i) r.lane[i] = (expression); \
  return r

SIMD_FUNCTION Vec load(const float* from) { SIMD_EACH(Vec r, from[i]); }
SIMD_FUNCTION void store(float* to, Vec v) {
  for (Index i = 0; i < kWidth; ++i) to[i] = v.lane[i];
}
SIMD_FUNCTION void hold(Vec&) {}
SIMD_FUNCTION Vec all(float value) { SIMD_EACH(Vec r, value); }
SIMD_FUNCTION Vec add(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] + b.lane[i]); }
SIMD_FUNCTION Vec subtract(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] - b.lane[i]); }
SIMD_FUNCTION Vec multiply(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] * b.lane[i]); }
SIMD_FUNCTION Vec divide(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] / b.lane[i]); }
SIMD_FUNCTION Vec multiplyAdd(Vec a, Vec b, Vec c) {
  Vec r;
  for (Index i = 0; i < kWidth; ++i) {
    const float product = a.lane[i] * b.lane[i];
    r.lane[i] = product + c.lane[i];
  }
  return r;
}
SIMD_FUNCTION Vec minimum(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]); }
SIMD_FUNCTION Vec maximum(Vec a, Vec b) { SIMD_EACH(Vec r, a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }
SIMD_FUNCTION unsigned bitsOf(float value) {
  union {
    float number;
    unsigned bits;
  } u = {value};
  return u.bits;
}
SIMD_FUNCTION float fromBits(unsigned bits) {
  union {
    unsigned bits;
    float number;
  } u = {bits};
  return u.number;
}
SIMD_FUNCTION Vec absolute(Vec a) { SIMD_EACH(Vec r, fromBits(bitsOf(a.lane[i]) & 0x7fffffffu)); }
SIMD_FUNCTION Vec withSignOf(Vec magnitude, Vec sign) {
  SIMD_EACH(Vec r, fromBits(bitsOf(magnitude.lane[i]) | (bitsOf(sign.lane[i]) & 0x80000000u)));
}
SIMD_FUNCTION Condition greater(Vec a, Vec b) { SIMD_EACH(Condition r, a.lane[i] > b.lane[i]); }
SIMD_FUNCTION Condition equal(Vec a, Vec b) { SIMD_EACH(Condition r, a.lane[i] == b.lane[i]); }
SIMD_FUNCTION Condition either(Condition a, Condition b) { SIMD_EACH(Condition r, a.lane[i] || b.lane[i]); }
SIMD_FUNCTION Vec loadBytes(const unsigned char* from) { SIMD_EACH(Vec r, static_cast<float>(from[i])); }
SIMD_FUNCTION void storeBytes(unsigned char* to, Vec v) {
  for (Index i = 0; i < kWidth; ++i) to[i] = static_cast<unsigned char>(v.lane[i]);
}
SIMD_FUNCTION Condition isNan(Vec a) { SIMD_EACH(Condition r, a.lane[i] != a.lane[i]); }
SIMD_FUNCTION Vec choose(Condition c, Vec yes, Vec no) { SIMD_EACH(Vec r, c.lane[i] ? yes.lane[i] : no.lane[i]); }
SIMD_FUNCTION Vec exponentBits(Vec shifted) {
  SIMD_EACH(Vec r, fromBits((bitsOf(shifted.lane[i]) << 23) + 0x3f800000u));
}
SIMD_FUNCTION Vec loadLanes(const float* from, Lanes lanes) { SIMD_EACH(Vec r, i < lanes ? from[i] : 0.0f); }
SIMD_FUNCTION void storeLanes(float* to, Lanes lanes, Vec v) {
  for (Index i = 0; i < lanes; ++i) to[i] = v.lane[i];
}
SIMD_FUNCTION float sumOfLanes(Vec v) { return (v.lane[0] + v.lane[2]) + (v.lane[1] + v.lane[3]); }
struct Doubles {
  double lane[kWidth];
};
SIMD_FUNCTION Doubles noDoubles() { return {{0, 0, 0, 0}}; }
SIMD_FUNCTION Doubles addSquares(Doubles sums, Vec v) {
  for (Index i = 0; i < kWidth; ++i) sums.lane[i] += static_cast<double>(v.lane[i]) * static_cast<double>(v.lane[i]);
  return sums;
}
SIMD_FUNCTION Doubles add(Doubles a, Doubles b) {
  for (Index i = 0; i < kWidth; ++i) a.lane[i] += b.lane[i];
  return a;
}
SIMD_FUNCTION double sumOfLanes(Doubles sums) { return (sums.lane[0] + sums.lane[2]) + (sums.lane[1] + sums.lane[3]); }
SIMD_FUNCTION void transpose(Vec (&r)[4]) {
  for (Index i = 0; i < kWidth; ++i) {
    for (Index j = 0; j < i; ++j) {
      const float kept = r[i].lane[j];
      r[i].lane[j] = r[j].lane[i];
      r[j].lane[i] = kept;
    }
  }
}

#endif

}  // namespace
}  // namespace deltalab
