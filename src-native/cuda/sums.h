#pragma once

#include <cstddef>

#include "device.h"
#include "loops.h"

namespace deltalab::cuda {

/** Sum over the threads of a block of kThreads, for thread 0, always in the same order. */
template <class T>
__device__ T blockSum(T value) {
  __shared__ T parts[kThreads / 32];
  for (int delta = 16; delta > 0; delta /= 2) value += __shfl_down_sync(0xffffffffu, value, static_cast<unsigned>(delta));
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
  __syncthreads();
  T sum = 0;
  if (threadIdx.x == 0) {
    for (unsigned i = 0; i < kThreads / 32; ++i) sum += parts[i];
  }
  __syncthreads();
  return sum;
}

constexpr int kWarp = 32;

/** Sum over a group of neighbouring threads of a warp, for the first of them; group: a power of two. All threads of the warp come here. */
__device__ inline double groupSum(double value, int group) {
  for (int half = group / 2; half > 0; half /= 2) value += __shfl_down_sync(0xffffffffu, value, static_cast<unsigned>(half));
  return value;
}

/** What blockSum makes of at most kThreads terms, one a thread, by a warp: f(term). For its first thread. */
template <class F>
__device__ double warpSum(int terms, const F& f) {
  const int own = static_cast<int>(threadIdx.x) % kWarp;
  double sum = 0;
  for (int begin = 0; begin < terms; begin += kWarp) sum += groupSum(begin + own < terms ? f(begin + own) : 0.0, kWarp);
  return sum;
}

template <class F>
__global__ void shortSumsKernel(size_t count, size_t terms, F f) {
  const size_t step = static_cast<size_t>(gridDim.x) * blockDim.x;
  const int lane = static_cast<int>(blockIdx.y);
  for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) {
    double sum = 0;
    for (size_t term = 0; term < terms; ++term) sum += static_cast<double>(f.term(lane, i, term));
    f.store(lane, i, sum);
  }
}

template <class F>
__global__ void longSumsKernel(size_t terms, F f) {
  const int lane = static_cast<int>(blockIdx.y);
  const size_t i = blockIdx.x;
  double sum = 0;
  for (size_t term = threadIdx.x; term < terms; term += kThreads) sum += static_cast<double>(f.term(lane, i, term));
  sum = blockSum(sum);
  if (threadIdx.x == 0) f.store(lane, i, sum);
}

/**
 * f.store(lane, i, Σ f.term(lane, i, term)) for i in 0 ... count - 1 of every lane, summed up in double and in an order that follows from
 * the number of terms alone: a thread or a block a sum.
 */
template <class F>
void sumUp(Stream& stream, int lanes, size_t count, size_t terms, F f) {
  if (count == 0) return;
  constexpr size_t kShort = 64;
  const unsigned rows = static_cast<unsigned>(lanes);
  if (terms <= kShort) stream.launchFlat(shortSumsKernel<F>, dim3(blocksFor(count, kThreads), rows), dim3(kThreads), count, terms, f);
  else stream.launch(longSumsKernel<F>, dim3(static_cast<unsigned>(count), rows), dim3(kThreads), terms, f);
}

}  // namespace deltalab::cuda
