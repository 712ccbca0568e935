#include "peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/cpu_features.h"
#include "core/thread_pool.h"

#if (defined(__x86_64__) || defined(_M_X64)) && (defined(__GNUC__) || defined(__clang__))
#include <immintrin.h>
#define DELTALAB_X86 1
#endif

namespace deltalab::bench {

namespace {

constexpr int kRounds = 200000;
/** Chains enough to hide the latency of a fused multiply-add on two units. */
constexpr int kChains = 12;

volatile float sink;

#ifdef DELTALAB_X86

__attribute__((target("avx512f"))) double multiplyAddAvx512() {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(0.1F * static_cast<float>(i));
  const __m512 x = _mm512_set1_ps(0.999F), y = _mm512_set1_ps(0.001F);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_ps(sums[i], x, y);
  }
  __m512 total = sums[0];
  for (int i = 1; i < kChains; ++i) total = _mm512_add_ps(total, sums[i]);
  sink = _mm512_cvtss_f32(total);
  return 2.0 * 16 * kChains * kRounds;
}

__attribute__((target("avx2,fma"))) double multiplyAddAvx2() {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(0.1F * static_cast<float>(i));
  const __m256 x = _mm256_set1_ps(0.999F), y = _mm256_set1_ps(0.001F);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_ps(sums[i], x, y);
  }
  __m256 total = sums[0];
  for (int i = 1; i < kChains; ++i) total = _mm256_add_ps(total, sums[i]);
  sink = _mm256_cvtss_f32(total);
  return 2.0 * 8 * kChains * kRounds;
}

/** Without fused instructions: multiplied, then added. */
double multiplyAddBaseline() {
  __m128 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm_set1_ps(0.1F * static_cast<float>(i));
  const __m128 x = _mm_set1_ps(0.999F), y = _mm_set1_ps(0.001F);
  for (int round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = _mm_add_ps(_mm_mul_ps(sums[i], x), y);
  }
  __m128 total = sums[0];
  for (int i = 1; i < kChains; ++i) total = _mm_add_ps(total, sums[i]);
  sink = _mm_cvtss_f32(total);
  return 2.0 * 4 * kChains * kRounds;
}

#else

/** Vectors of four, as far as the compiler makes them of this. */
double multiplyAddBaseline() {
  float sums[kChains][4];
  for (int i = 0; i < kChains; ++i) {
    for (int j = 0; j < 4; ++j) sums[i][j] = 0.1F * static_cast<float>(i + j);
  }
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kChains; ++i) {
      for (int j = 0; j < 4; ++j) sums[i][j] = sums[i][j] * 0.999F + 0.001F;
    }
  }
  for (const auto& chain : sums) sink = chain[0] + chain[1] + chain[2] + chain[3];
  return 2.0 * 4 * kChains * kRounds;
}

#endif

double multiplyAdd() {
#ifdef DELTALAB_X86
  if (instructionSet() == InstructionSet::Avx512) return multiplyAddAvx512();
  if (instructionSet() == InstructionSet::Avx2) return multiplyAddAvx2();
#endif
  return multiplyAddBaseline();
}

}  // namespace

double peakFlops(int threads) {
  using Clock = std::chrono::steady_clock;
  ThreadPool pool(threads);
  double best = 0;
  for (int attempt = 0; attempt < 9; ++attempt) {
    std::vector<double> done(static_cast<size_t>(threads));
    const Clock::time_point start = Clock::now();
    pool.forEach(threads, [&](int i) { done[static_cast<size_t>(i)] = multiplyAdd(); });
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    double operations = 0;
    for (double part : done) operations += part;
    best = std::max(best, operations / seconds);
  }
  return best;
}

double memoryBandwidth() {
  using Clock = std::chrono::steady_clock;
  constexpr size_t kFloats = size_t{1} << 25;
  const std::vector<float> values(kFloats, 1.0F);
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    // Sixteen sums side by side, so that reading and not adding takes the time.
    float sums[16] = {};
    const Clock::time_point start = Clock::now();
    for (size_t i = 0; i < kFloats; i += 16) {
      for (size_t j = 0; j < 16; ++j) sums[j] += values[i + j];
    }
    best = std::max(best, kFloats * sizeof(float) / std::chrono::duration<double>(Clock::now() - start).count());
    for (float sum : sums) sink = sum;
  }
  return best;
}

}  // namespace deltalab::bench
