#include "ceiling.h"

#include <cmath>

#include "../device.h"
#include "../gemm_tile_mma.h"
#include "bench/measure.h"

namespace deltalab::cuda::bench {

namespace {

using deltalab::bench::timeRounds;

/** Sums of a thread that do not wait for each other: more than it takes to hide the latency of a multiply-add. */
constexpr int kChains = 8;
constexpr int kRounds = 5;
/** What a thread copies at a time: the widest access there is. */
struct alignas(16) Piece {
  float values[4];
};

__global__ void multiplyAddKernel(int steps, float x, float y, float* sink) {
  float sums[kChains];
  DELTALAB_UNROLL
  for (int i = 0; i < kChains; ++i) sums[i] = static_cast<float>(threadIdx.x + i);
  for (int step = 0; step < steps; ++step) {
    DELTALAB_UNROLL
    for (int i = 0; i < kChains; ++i) sums[i] = fmaf(sums[i], x, y);
  }
  float total = 0;
  DELTALAB_UNROLL
  for (int i = 0; i < kChains; ++i) total += sums[i];
  // Never so, which the compiler does not know.
  if (total == -1.0F) *sink = total;
}

/** Products of tensor cores that do not wait for each other, of factors that stay in registers. */
template <Precision precision>
__global__ void multiplyFoursKernel(int steps, float* sink) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  Four<precision> top, bottom, right;
  DELTALAB_UNROLL
  for (int i = 0; i < 4; ++i) {
    top.of[i] = right.of[i] = Factors<precision>::rounded(0.001F * static_cast<float>(threadIdx.x));
    bottom.of[i] = Factors<precision>::rounded(0.002F);
  }
  float sums[kChains][4] = {};
  for (int step = 0; step < steps; ++step) {
    DELTALAB_UNROLL
    for (int i = 0; i < kChains; ++i) multiplyByWarp<precision>(sums[i], top, bottom, right);
  }
  float total = 0;
  DELTALAB_UNROLL
  for (int i = 0; i < kChains; ++i) total += sums[i][0] + sums[i][1] + sums[i][2] + sums[i][3];
  // Never so, which the compiler does not know.
  if (total == -1.0F) *sink = total;
#endif
}

struct Copied {
  const Piece* from;
  Piece* to;

  __device__ void operator()(int, size_t i) const { to[i] = from[i]; }
};

/** The shortest of some rounds, after one that warms up. */
template <class F>
double bestSeconds(Stream& stream, F&& ask) {
  const auto round = [&] {
    ask();
    stream.wait();
  };
  round();
  return timeRounds(kRounds, round).best();
}

/** Memory of a stream for as long as it is measured. */
struct Memory {
  Memory(Stream& of, size_t bytes) : stream(of), data(of.allocate(bytes)) {}
  ~Memory() { stream.release(data); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Stream& stream;
  void* data;
};

double operationsPerSecond(Stream& stream, bool quick) {
  const unsigned blocks = quick ? 2 : 32768;
  const int steps = quick ? 8 : 4096;
  const Memory sink(stream, sizeof(float));
  const double seconds = bestSeconds(stream, [&] {
    stream.launchFlat(multiplyAddKernel, dim3(blocks), dim3(kThreads), steps, 0.999F, 0.001F, static_cast<float*>(sink.data));
  });
  return 2.0 * kChains * steps * kThreads * blocks / seconds;
}

template <Precision precision>
double tensorOperationsPerSecond(Stream& stream, bool quick) {
  const unsigned blocks = quick ? 2 : 8192;
  const int steps = quick ? 8 : 2048;
  const Memory sink(stream, sizeof(float));
  const double seconds = bestSeconds(stream, [&] {
    stream.launch(multiplyFoursKernel<precision>, dim3(blocks), dim3(kThreads), steps, static_cast<float*>(sink.data));
  });
  const double each = 2.0 * kWarpRows * kWarpColumns * kWarpDepth * kChains, warps = static_cast<double>(kThreads / 32) * blocks;
  return each * warps * steps / seconds;
}

double bytesPerSecond(Stream& stream, bool quick) {
  const size_t bytes = size_t{1} << (quick ? 16 : 29);
  const Memory from(stream, bytes), to(stream, bytes);
  const double seconds = bestSeconds(stream, [&] {
    forEachElement(stream, 1, bytes / sizeof(Piece), Copied{static_cast<const Piece*>(from.data), static_cast<Piece*>(to.data)});
  });
  return 2.0 * static_cast<double>(bytes) / seconds;
}

}  // namespace

Ceiling measureCeiling(int card, Precision precision, bool quick) {
  Stream stream(card);
  const double bytes = bytesPerSecond(stream, quick);
  if (precision == Precision::Tf32) return {tensorOperationsPerSecond<Precision::Tf32>(stream, quick), bytes};
  if (precision == Precision::Bf16) return {tensorOperationsPerSecond<Precision::Bf16>(stream, quick), bytes};
  return {operationsPerSecond(stream, quick), bytes};
}

}  // namespace deltalab::cuda::bench
