#pragma once

// Vectors of 16 floats. See simd_baseline.h for what each name means.

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the deliberately undefined operand inside its own intrinsics for a mistake of ours (fixed in GCC 13).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>

#include "simd_macros.h"

namespace deltalab {
namespace {

constexpr Index kWidth = 16;
using Vec = __m512;
using Condition = __mmask16;
using Lanes = __mmask16;

SIMD_FUNCTION Vec load(const float* from) { return _mm512_loadu_ps(from); }
SIMD_FUNCTION void store(float* to, Vec v) { _mm512_storeu_ps(to, v); }
SIMD_FUNCTION void hold(Vec& v) { SIMD_HELD(v, "v"); }
SIMD_FUNCTION Lanes firstLanes(Index count) { return static_cast<__mmask16>((1u << count) - 1u); }
SIMD_FUNCTION Vec loadLanes(const float* from, Lanes lanes) { return _mm512_maskz_loadu_ps(lanes, from); }
SIMD_FUNCTION void storeLanes(float* to, Lanes lanes, Vec v) { _mm512_mask_storeu_ps(to, lanes, v); }
SIMD_FUNCTION Vec all(float value) { return _mm512_set1_ps(value); }
SIMD_FUNCTION Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
SIMD_FUNCTION Vec subtract(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
SIMD_FUNCTION Vec multiply(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
SIMD_FUNCTION Vec divide(Vec a, Vec b) { return _mm512_div_ps(a, b); }
SIMD_FUNCTION Vec multiplyAdd(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
SIMD_FUNCTION Vec minimum(Vec a, Vec b) { return _mm512_min_ps(a, b); }
SIMD_FUNCTION Vec maximum(Vec a, Vec b) { return _mm512_max_ps(a, b); }
SIMD_FUNCTION Vec absolute(Vec a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a); }
SIMD_FUNCTION Vec withSignOf(Vec magnitude, Vec sign) {
  return _mm512_or_ps(magnitude, _mm512_and_ps(_mm512_set1_ps(-0.0f), sign));
}
SIMD_FUNCTION Condition greater(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
SIMD_FUNCTION Condition equal(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
SIMD_FUNCTION Condition either(Condition a, Condition b) { return static_cast<Condition>(a | b); }
SIMD_FUNCTION Vec loadBytes(const unsigned char* from) {
  return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
}
SIMD_FUNCTION void storeBytes(unsigned char* to, Vec v) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v)));
}
SIMD_FUNCTION Condition isNan(Vec a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
SIMD_FUNCTION Vec choose(Condition c, Vec yes, Vec no) { return _mm512_mask_blend_ps(c, no, yes); }
SIMD_FUNCTION Vec exponentBits(Vec shifted) {
  return _mm512_castsi512_ps(
      _mm512_add_epi32(_mm512_slli_epi32(_mm512_castps_si512(shifted), 23), _mm512_set1_epi32(0x3f800000)));
}

SIMD_FUNCTION float sumOfLanes(Vec v) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
struct Doubles {
  __m512d low, high;
};
SIMD_FUNCTION Doubles noDoubles() { return {_mm512_setzero_pd(), _mm512_setzero_pd()}; }
SIMD_FUNCTION Doubles addSquares(Doubles sums, Vec v) {
  const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(v)), high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1));
  return {_mm512_fmadd_pd(low, low, sums.low), _mm512_fmadd_pd(high, high, sums.high)};
}
SIMD_FUNCTION Doubles add(Doubles a, Doubles b) { return {_mm512_add_pd(a.low, b.low), _mm512_add_pd(a.high, b.high)}; }
SIMD_FUNCTION double sumOfLanes(Doubles sums) {
  const __m512d eight = _mm512_add_pd(sums.low, sums.high);
  const __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(eight), _mm512_extractf64x4_pd(eight, 1));
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

// Transposes 16 rows of 16: pairs, then quadruples within 128-bit parts, then the parts.
SIMD_FUNCTION void transpose(Vec (&r)[16]) {
  Vec t[16];
  SIMD_UNROLL
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  SIMD_UNROLL
  for (int i = 0; i < 16; i += 4) {
    const __m512d a = _mm512_castps_pd(t[i]), b = _mm512_castps_pd(t[i + 1]);
    const __m512d c = _mm512_castps_pd(t[i + 2]), d = _mm512_castps_pd(t[i + 3]);
    r[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    r[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    r[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    r[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
  }
  SIMD_UNROLL
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_f32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_f32x4(r[i + 8], r[i + 12], 0xdd);
  }
  SIMD_UNROLL
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
    r[i + 4] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0x88);
    r[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
    r[i + 12] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

}  // namespace
}  // namespace deltalab
