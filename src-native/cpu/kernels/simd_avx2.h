#pragma once

// Vectors of 8 floats. See simd_baseline.h for what each name means.

#include <immintrin.h>

#include "simd_macros.h"

namespace deltalab {
namespace {

constexpr Index kWidth = 8;
using Vec = __m256;
using Condition = __m256;
using Lanes = __m256i;

SIMD_FUNCTION Vec load(const float* from) { return _mm256_loadu_ps(from); }
SIMD_FUNCTION void store(float* to, Vec v) { _mm256_storeu_ps(to, v); }
SIMD_FUNCTION void hold(Vec& v) { SIMD_HELD(v, "x"); }
SIMD_FUNCTION Lanes firstLanes(Index count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
SIMD_FUNCTION Vec loadLanes(const float* from, Lanes lanes) { return _mm256_maskload_ps(from, lanes); }
SIMD_FUNCTION void storeLanes(float* to, Lanes lanes, Vec v) { _mm256_maskstore_ps(to, lanes, v); }
SIMD_FUNCTION Vec all(float value) { return _mm256_set1_ps(value); }
SIMD_FUNCTION Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
SIMD_FUNCTION Vec subtract(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
SIMD_FUNCTION Vec multiply(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
SIMD_FUNCTION Vec divide(Vec a, Vec b) { return _mm256_div_ps(a, b); }
SIMD_FUNCTION Vec multiplyAdd(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
SIMD_FUNCTION Vec minimum(Vec a, Vec b) { return _mm256_min_ps(a, b); }
SIMD_FUNCTION Vec maximum(Vec a, Vec b) { return _mm256_max_ps(a, b); }
SIMD_FUNCTION Vec absolute(Vec a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
SIMD_FUNCTION Vec withSignOf(Vec magnitude, Vec sign) {
  return _mm256_or_ps(magnitude, _mm256_and_ps(_mm256_set1_ps(-0.0f), sign));
}
SIMD_FUNCTION Condition greater(Vec a, Vec b) { return _mm256_cmp_ps(a, b, _CMP_GT_OQ); }
SIMD_FUNCTION Condition equal(Vec a, Vec b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
SIMD_FUNCTION Condition either(Condition a, Condition b) { return _mm256_or_ps(a, b); }
SIMD_FUNCTION Vec loadBytes(const unsigned char* from) {
  return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
}
SIMD_FUNCTION void storeBytes(unsigned char* to, Vec v) {
  const __m256i numbers = _mm256_cvtps_epi32(v);
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256(numbers, 1));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
}
SIMD_FUNCTION Condition isNan(Vec a) { return _mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
SIMD_FUNCTION Vec choose(Condition c, Vec yes, Vec no) { return _mm256_blendv_ps(no, yes, c); }
SIMD_FUNCTION Vec exponentBits(Vec shifted) {
  return _mm256_castsi256_ps(
      _mm256_add_epi32(_mm256_slli_epi32(_mm256_castps_si256(shifted), 23), _mm256_set1_epi32(0x3f800000)));
}
SIMD_FUNCTION float sumOfLanes(Vec v) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
struct Doubles {
  __m256d low, high;
};
SIMD_FUNCTION Doubles noDoubles() { return {_mm256_setzero_pd(), _mm256_setzero_pd()}; }
SIMD_FUNCTION Doubles addSquares(Doubles sums, Vec v) {
  const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(v)), high = _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1));
  return {_mm256_fmadd_pd(low, low, sums.low), _mm256_fmadd_pd(high, high, sums.high)};
}
SIMD_FUNCTION Doubles add(Doubles a, Doubles b) { return {_mm256_add_pd(a.low, b.low), _mm256_add_pd(a.high, b.high)}; }
SIMD_FUNCTION double sumOfLanes(Doubles sums) {
  const __m256d four = _mm256_add_pd(sums.low, sums.high);
  const __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
  return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

SIMD_FUNCTION void transpose(Vec (&r)[8]) {
  Vec t[8];
  SIMD_UNROLL
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
  SIMD_UNROLL
  for (int i = 0; i < 8; i += 4) {
    r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xee);
    r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  SIMD_UNROLL
  for (int i = 0; i < 4; ++i) {
    const Vec low = r[i], high = r[i + 4];
    r[i] = _mm256_permute2f128_ps(low, high, 0x20);
    r[i + 4] = _mm256_permute2f128_ps(low, high, 0x31);
  }
}

}  // namespace
}  // namespace deltalab
