#include "peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "core/cpu_features.h"
#include "core/memory.h"
#include "core/thread_pool.h"
#include "cpu/kernels/rows.h"

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

constexpr size_t kSmallestArray = size_t{1} << 18;
constexpr size_t kLargestArray = size_t{1} << 27;

/** Bytes a second that one thread reads of an array that it has read just before. */
double bandwidthOf(const float* values, size_t bytes) {
  using Clock = std::chrono::steady_clock;
  const size_t passes = std::max<size_t>(1, (kLargestArray / 4) / bytes);
  double best = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    double sum = 0;
    const Clock::time_point start = Clock::now();
    for (size_t pass = 0; pass < passes; ++pass) sum += rowSum(values, bytes / sizeof(float));
    best = std::max(best, static_cast<double>(passes * bytes) / std::chrono::duration<double>(Clock::now() - start).count());
    sink = static_cast<float>(sum);
  }
  return best;
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

Limits::Limits() : peak_(peakFlops(1)) {
  const AlignedBuffer<float> values(kLargestArray / sizeof(float));
  for (size_t bytes = kSmallestArray; bytes <= kLargestArray; bytes *= 2) bandwidths_.push_back(bandwidthOf(values.data(), bytes));
}

double Limits::least(double operations, double bytes) const {
  size_t i = 0;
  for (double size = kSmallestArray; size < bytes && i + 1 < bandwidths_.size(); size *= 2) ++i;
  return std::max(operations / peak_, bytes / bandwidths_[i]);
}

}  // namespace deltalab::bench
