#pragma once

#include "device.h"

// Sums over the threads of a warp or of a block, always in the same order.

namespace deltalab::cuda {

constexpr int kWarp = 32;

/** Sum over a group of neighbouring threads of a warp, for the first of them; group: a power of two. All threads of the warp come here. */
__device__ inline double groupSum(double value, int group) {
  for (int half = group / 2; half > 0; half /= 2) value += __shfl_down_sync(0xffffffffu, value, static_cast<unsigned>(half));
  return value;
}

/** Sum over the threads of a block of kThreads, for thread 0. */
__device__ inline double blockSum(double value) {
  __shared__ double parts[kThreads / kWarp];
  value = groupSum(value, kWarp);
  if (threadIdx.x % kWarp == 0) parts[threadIdx.x / kWarp] = value;
  __syncthreads();
  double sum = 0;
  if (threadIdx.x == 0) {
    for (unsigned i = 0; i < kThreads / kWarp; ++i) sum += parts[i];
  }
  __syncthreads();
  return sum;
}

/** What blockSum makes of at most kThreads terms, one a thread, by a warp: f(term). For its first thread. */
template <class F>
__device__ double warpSum(int terms, const F& f) {
  const int own = static_cast<int>(threadIdx.x) % kWarp;
  double sum = 0;
  for (int begin = 0; begin < terms; begin += kWarp) sum += groupSum(begin + own < terms ? f(begin + own) : 0.0, kWarp);
  return sum;
}

/**
 * Whether a block is the last of `blocks` to come here, so that it may join what all of them have written to the card's memory; for all of its
 * threads. Which block that is differs from run to run, so that the result must not depend on it. `arrived`: 0 before, and afterwards.
 */
__device__ inline bool isLastBlock(unsigned* arrived, unsigned blocks) {
  __shared__ bool last;
  // What this thread has written is seen by whoever sees it counted.
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(arrived, 1U) == blocks - 1;
    if (last) *arrived = 0;
    __threadfence();
  }
  __syncthreads();
  return last;
}

}  // namespace deltalab::cuda
