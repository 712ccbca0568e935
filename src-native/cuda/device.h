#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "core/device_backend.h"

#if defined(__CUDACC__)
#include <cuda_runtime.h>
#else
#include "emulation.h"
#endif

namespace deltalab::cuda {

class Blas;
class Fault;

/** Memory and work of one card, in the order in which it is asked for. Where the kernels are emulated, all is done at once. */
class Stream {
 public:
  /**
   * Of the card with this number. Throws 'device.failed' and 'device.memory', as all that follows. `measures`: allocations are added up and nothing else is done, neither given nor
   * computed; what is copied from the card is 0.
   */
  explicit Stream(int card, bool measures = false);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /** Zeroed. */
  void* allocate(size_t bytes);
  void release(void* memory) noexcept;
  void copyTo(void* device, const void* host, size_t bytes);
  /** Waits. */
  void copyFrom(void* host, const void* device, size_t bytes);
  void copyWithin(void* to, const void* from, size_t bytes);
  void clear(void* memory, size_t bytes);
  /** For all that was asked for before. Throws what it has come upon (Fault), too. */
  void wait();
  /** Of the card. */
  DeviceMemorySize memory() const;
  /** Where it measures. */
  size_t mostAllocated() const { return measured_.most; }
  /** Compute capability of the card: 10 · major + minor. */
  int capability() const { return capability_; }
  /** Null where there is no cuBLASLt. Looked for the first time that this is asked. */
  Blas* blas();

  /** Asks for a kernel. In kernels started by launchFlat no thread waits for another. */
  template <class... Parameters, class... Arguments>
  void launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, Arguments... arguments) {
    start(false, kernel, grid, block, 0, arguments...);
  }
  template <class... Parameters, class... Arguments>
  void launchFlat(void (*kernel)(Parameters...), dim3 grid, dim3 block, Arguments... arguments) {
    start(true, kernel, grid, block, 0, arguments...);
  }
  /** A kernel whose blocks have so many bytes of sharedMemory() each. */
  template <class... Parameters, class... Arguments>
  void launchShared(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared, Arguments... arguments) {
#if defined(__CUDACC__)
    if (measures_) return;
    use();
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)), "cudaFuncSetAttribute");
#endif
    start(false, kernel, grid, block, shared, arguments...);
  }
  /** Most bytes of shared memory of a block, with what its kernel declares. */
  size_t mostShared() const;
  /** Kernels, copies within the card's memory and clearings that were asked for so far, those of a graph once. */
  size_t launches() const { return launches_; }

 private:
  friend class StreamGraph;
  friend class Fault;
  friend class Blas;

  /** Waits, and no more. */
  void finish();
  /** Throws what work that is done has come upon. */
  void checkFaults();
  void copyBack(void* host, const void* device, size_t bytes);

  template <class... Parameters, class... Arguments>
  void start(bool flat, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared, Arguments... arguments) {
    if (measures_) return;
    ++launches_;
#if defined(__CUDACC__)
    static_cast<void>(flat);
    use();
    kernel<<<grid, block, shared, stream_>>>(static_cast<Parameters>(arguments)...);
#else
    const auto body = [=] { kernel(static_cast<Parameters>(arguments)...); };
    if (flat) emulation::runFlat(grid, block, body);
    else emulation::runGrid(grid, block, shared, body);
#endif
    checkLaunch();
  }

  /** Makes the card that of the running thread. */
  void use() const;
#if defined(__CUDACC__)
  void* handle() const { return stream_; }
#else
  void* handle() const { return nullptr; }
#endif
  /** The allocations that are there, by where they would be. */
  struct Measured {
    size_t now = 0, most = 0, next = kGranularity;
    std::unordered_map<void*, size_t> sizes;
  };
  /** Sizes are rounded up to it by cudaMalloc. */
  static constexpr size_t kGranularity = 512;
  void* measure(size_t bytes);
  void* give(size_t bytes);
  void takeBack(void* memory) noexcept;

  /** Throws what a call of the runtime came to, and lets the runtime forget it: what does not break the card is not to be met again by the next call. */
  void check(cudaError_t status, const char* call) const;
  void checkLaunch() const;
  /** What the card has; 0 where that cannot be found out either. */
  DeviceMemorySize memoryIfKnown() const;

  bool measures_;
  int card_;
  Measured measured_;
  int capability_ = 0;
  size_t launches_ = 0;
  /** Those that work may come upon. */
  std::vector<Fault*> faults_;
  std::once_flag sought_;
  std::unique_ptr<Blas> blas_;
#if defined(__CUDACC__)
  cudaStream_t stream_ = nullptr;
#endif
};

#if defined(__CUDACC__)
/** Kernels that were asked for of a stream, to be asked for again as one. */
class StreamGraph {
 public:
  /** `work` asks for kernels of the stream, which are noted and not done; it must neither allocate nor wait. Throws as Stream does. */
  StreamGraph(Stream& stream, const std::function<void()>& work);
  ~StreamGraph();
  StreamGraph(const StreamGraph&) = delete;
  StreamGraph& operator=(const StreamGraph&) = delete;
  void launch();

 private:
  Stream& stream_;
  cudaGraphExec_t graph_ = nullptr;
};
#endif

/** Of a kernel started by launchShared; what is there at first is anything. */
inline __device__ void* sharedMemory() {
#if defined(__CUDACC__)
  extern __shared__ double memory[];
  return memory;
#else
  return emulation::sharedMemory();
#endif
}

/** Threads of a block where nothing else is called for. */
constexpr unsigned kThreads = 256;

inline unsigned blocksFor(size_t count, size_t perBlock) { return static_cast<unsigned>((count + perBlock - 1) / perBlock); }

/** i / by, in 32 bits where that will do: some ten times as quick on a card. */
__host__ __device__ inline size_t quotient(size_t i, size_t by) {
  if (((i | by) >> 32) == 0) return static_cast<unsigned>(i) / static_cast<unsigned>(by);
  return i / by;
}

template <class F>
__global__ void elementKernel(size_t count, F f) {
  const size_t step = static_cast<size_t>(gridDim.x) * blockDim.x;
  for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) f(static_cast<int>(blockIdx.y), i);
}

/** f(lane, i) for i in 0 ... count - 1 of every lane, in any order. */
template <class F>
void forEachElement(Stream& stream, int lanes, size_t count, F f) {
  if (count == 0) return;
  constexpr unsigned kMostBlocks = 4096;
  const unsigned wanted = count > size_t{kMostBlocks} * kThreads ? kMostBlocks : blocksFor(count, kThreads);
  stream.launchFlat(elementKernel<F>, dim3(wanted, static_cast<unsigned>(lanes)), dim3(kThreads), count, f);
}

}  // namespace deltalab::cuda
