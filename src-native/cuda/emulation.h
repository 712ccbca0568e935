#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>

/**
 * Just enough of CUDA for the processor, so that the kernels of this folder can be compiled by any C++ compiler and tested where there
 * is no GPU: index arithmetic, shared memory, barriers, shuffles and the order of sums are those of the card. Threads of a block are
 * fibers that take turns at barriers; blocks run one after another, and so do kernels that several threads ask for. device.h includes it in place of cuda_runtime.h.
 */

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __grid_constant__
/** Blocks run one after another, so that one copy will do. */
#define __shared__ static

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
};

enum cudaError_t { cudaSuccess = 0, cudaErrorMemoryAllocation = 2, cudaErrorUnknown = 999 };

namespace deltalab::cuda::emulation {

/** Where the running thread stands. */
struct Place {
  dim3 threadIdx, blockIdx, blockDim, gridDim;
};
extern Place place;

/** Waits until all threads of the block that still run have come to a barrier. */
void barrier();
/** What lane `from` of this thread's warp gives for `value`; all lanes of the warp that still run must come here. */
uint64_t exchange(uint64_t value, unsigned from);
/**
 * Runs `body` once for every thread of every block, which has so many bytes of shared memory beside what its kernel declares. Ends the program where
 * threads wait for each other for ever.
 */
void runGrid(dim3 grid, dim3 block, size_t shared, const std::function<void()>& body);
/** That memory of the running block. Whatever was not written there is no number. */
void* sharedMemory();
/** Most of it: as cards of compute capability 8.6. */
constexpr size_t kMostShared = 99 * 1024;
/** The same for kernels in which threads never wait: without fibers, some hundred times as fast. */
void runFlat(dim3 grid, dim3 block, const std::function<void()>& body);

/**
 * What an emulated card has; DELTALAB_EMULATED_MEMORY says how many MB, 1024 if it says nothing. As long as the file is there that
 * DELTALAB_EMULATED_TAKEN names, another program has all that was free: nothing is given, and kernels that are asked for are not run.
 */
struct Memory {
  size_t total, free;
};
Memory memory();
/** Zeroed; null where there is not so much. */
void* allocate(size_t bytes);
void release(void* memory) noexcept;

/** Of the emulated card, as Stream::capability; DELTALAB_EMULATED_CAPABILITY says which, 90 if it says nothing. */
int capability();

/** What waiting comes to: the card breaks at the wait whose number is DELTALAB_EMULATED_FAILURE, and fails all after it. */
cudaError_t wait();
/** What the kernel came to that this thread has asked for last; once. */
cudaError_t lastError();

template <class T>
T shuffled(T value, unsigned from) {
  static_assert(sizeof(T) <= sizeof(uint64_t), "a warp exchanges one word at a time");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(bits, from);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline unsigned laneOfWarp() {
  const Place& p = place;
  return (p.threadIdx.x + p.blockDim.x * (p.threadIdx.y + p.blockDim.y * p.threadIdx.z)) % 32;
}

}  // namespace deltalab::cuda::emulation

#define threadIdx (::deltalab::cuda::emulation::place.threadIdx)
#define blockIdx (::deltalab::cuda::emulation::place.blockIdx)
#define blockDim (::deltalab::cuda::emulation::place.blockDim)
#define gridDim (::deltalab::cuda::emulation::place.gridDim)

constexpr int warpSize = 32;
inline void __syncthreads() { ::deltalab::cuda::emulation::barrier(); }
template <class T>
T __shfl_sync(unsigned, T value, int lane) {
  return ::deltalab::cuda::emulation::shuffled(value, static_cast<unsigned>(lane));
}
template <class T>
T __shfl_down_sync(unsigned, T value, unsigned delta) {
  using namespace ::deltalab::cuda::emulation;
  const unsigned lane = laneOfWarp();
  return shuffled(value, lane + delta < 32 ? lane + delta : lane);
}
template <class T>
T __shfl_xor_sync(unsigned, T value, int mask) {
  using namespace ::deltalab::cuda::emulation;
  return shuffled(value, laneOfWarp() ^ static_cast<unsigned>(mask));
}
inline cudaError_t cudaGetLastError() { return ::deltalab::cuda::emulation::lastError(); }
inline const char* cudaGetErrorString(cudaError_t error) { return error == cudaErrorMemoryAllocation ? "out of memory" : "emulated"; }
inline cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  const ::deltalab::cuda::emulation::Memory memory = ::deltalab::cuda::emulation::memory();
  *free = memory.free;
  *total = memory.total;
  return cudaSuccess;
}
inline void __threadfence() {}
/** Threads take turns at barriers only. */
template <class T>
T atomicAdd(T* to, T value) {
  const T before = *to;
  *to += value;
  return before;
}
inline unsigned long long atomicMax(unsigned long long* to, unsigned long long value) {
  const unsigned long long before = *to;
  if (value > before) *to = value;
  return before;
}
