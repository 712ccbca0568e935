#include <algorithm>
#include <cstring>
#include <string>

#include "blas.h"
#include "core/errors.h"
#include "fault.h"

namespace deltalab::cuda {

Blas* Stream::blas() {
  std::call_once(sought_, [this] { blas_ = Blas::open(*this); });
  return blas_.get();
}

void* Stream::measure(size_t bytes) {
  const size_t size = (bytes + kGranularity - 1) / kGranularity * kGranularity;
  // Never read: as far from each other, and as aligned, as memory would be.
  void* place = reinterpret_cast<void*>(measured_.next);
  measured_.next += size;
  measured_.sizes[place] = size;
  measured_.now += size;
  measured_.most = std::max(measured_.most, measured_.now);
  return place;
}

void* Stream::allocate(size_t bytes) { return measures_ ? measure(bytes) : give(bytes); }

void Stream::release(void* memory) noexcept {
  if (!measures_) return takeBack(memory);
  const auto found = measured_.sizes.find(memory);
  if (found == measured_.sizes.end()) return;
  measured_.now -= found->second;
  measured_.sizes.erase(found);
}

void Stream::wait() {
  finish();
  checkFaults();
}

void Stream::copyFrom(void* host, const void* device, size_t bytes) {
  copyBack(host, device, bytes);
  checkFaults();
}

void Stream::checkFaults() {
  const Fault* first = nullptr;
  float value = 0;
  for (Fault* fault : faults_) {
    const std::optional<float> found = fault->take();
    if (!found || first) continue;
    first = fault;
    value = *found;
  }
  if (first) first->fail_(value);
}

Fault::Fault(Stream& stream, std::function<void(float)> fail) : stream_(stream), fail_(std::move(fail)), worst_(stream, 1) {
  stream.faults_.push_back(this);
}

Fault::~Fault() { stream_.faults_.erase(std::find(stream_.faults_.begin(), stream_.faults_.end(), this)); }

std::optional<float> Fault::take() {
  unsigned long long worst = 0;
  stream_.copyBack(&worst, worst_.data(), sizeof worst);
  if (worst == 0) return std::nullopt;
  stream_.clear(worst_.data(), sizeof worst);
  const uint32_t bits = static_cast<uint32_t>(worst);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

void Stream::check(cudaError_t status, const char* call) const {
  if (status == cudaSuccess) return;
  cudaGetLastError();
  if (status == cudaErrorMemoryAllocation) failMemory(std::string(call), memoryIfKnown());
  const std::string reason = cudaGetErrorString(status);
  throw EngineError("device.failed", std::string(call) + ": " + reason, {{"call", std::string(call)}, {"reason", reason}});
}

void Stream::checkLaunch() const { check(cudaGetLastError(), "kernel"); }

DeviceMemorySize Stream::memoryIfKnown() const {
  DeviceMemorySize size{0, 0, card_};
  if (cudaMemGetInfo(&size.free, &size.total) != cudaSuccess) cudaGetLastError();
  return size;
}

DeviceMemorySize Stream::memory() const {
  use();
  DeviceMemorySize size{0, 0, card_};
  check(cudaMemGetInfo(&size.free, &size.total), "cudaMemGetInfo");
  return size;
}

#if defined(__CUDACC__)

/** Which card a thread speaks to is the thread's own, and a training is asked for by many. */
void Stream::use() const { check(cudaSetDevice(card_), "cudaSetDevice"); }

Stream::Stream(int card, bool measures) : measures_(measures), card_(card) {
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, card), "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, card), "cudaDeviceGetAttribute");
  capability_ = 10 * major + minor;
  // To open the card would take some hundred megabytes of it.
  if (measures_) return;
  use();
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}

Stream::~Stream() {
  blas_.reset();
  if (stream_) cudaStreamDestroy(stream_);
}

void* Stream::give(size_t bytes) {
  void* given = nullptr;
  use();
  const cudaError_t status = cudaMalloc(&given, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    failMemory(bytes, memoryIfKnown());
  }
  check(status, "cudaMalloc");
  clear(given, bytes);
  return given;
}

void Stream::takeBack(void* memory) noexcept { cudaFree(memory); }

void Stream::copyTo(void* device, const void* host, size_t bytes) {
  if (measures_) return;
  use();
  check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpy");
}

void Stream::copyBack(void* host, const void* device, size_t bytes) {
  if (measures_) {
    std::memset(host, 0, bytes);
    return;
  }
  use();
  check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_), "cudaMemcpy");
  finish();
}

void Stream::copyWithin(void* to, const void* from, size_t bytes) {
  if (measures_) return;
  ++launches_;
  use();
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_), "cudaMemcpy");
}

void Stream::clear(void* memory, size_t bytes) {
  if (measures_) return;
  ++launches_;
  use();
  check(cudaMemsetAsync(memory, 0, bytes, stream_), "cudaMemset");
}

void Stream::finish() {
  if (measures_) return;
  use();
  check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
}

size_t Stream::mostShared() const {
  int bytes = 0;
  check(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, card_), "cudaDeviceGetAttribute");
  return static_cast<size_t>(bytes);
}

StreamGraph::StreamGraph(Stream& stream, const std::function<void()>& work) : stream_(stream) {
  stream.use();
  stream.check(cudaStreamBeginCapture(stream.stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  cudaGraph_t noted = nullptr;
  try {
    work();
  } catch (...) {
    // The stream must not go on noting.
    cudaStreamEndCapture(stream.stream_, &noted);
    if (noted) cudaGraphDestroy(noted);
    cudaGetLastError();
    throw;
  }
  stream.check(cudaStreamEndCapture(stream.stream_, &noted), "cudaStreamEndCapture");
  const cudaError_t status = cudaGraphInstantiate(&graph_, noted, 0);
  cudaGraphDestroy(noted);
  stream.check(status, "cudaGraphInstantiate");
}

StreamGraph::~StreamGraph() {
  if (graph_) cudaGraphExecDestroy(graph_);
}

void StreamGraph::launch() {
  stream_.use();
  stream_.check(cudaGraphLaunch(graph_, stream_.stream_), "cudaGraphLaunch");
}

#else

Stream::Stream(int card, bool measures) : measures_(measures), card_(card), capability_(emulation::capability()) {}
Stream::~Stream() = default;
void Stream::use() const {}

void* Stream::give(size_t bytes) {
  void* given = emulation::allocate(bytes);
  if (!given) failMemory(bytes, memoryIfKnown());
  return given;
}

void Stream::takeBack(void* memory) noexcept { emulation::release(memory); }
void Stream::copyTo(void* device, const void* host, size_t bytes) {
  if (!measures_) std::memcpy(device, host, bytes);
}
void Stream::copyWithin(void* to, const void* from, size_t bytes) {
  if (measures_) return;
  ++launches_;
  std::memcpy(to, from, bytes);
}

void Stream::copyBack(void* host, const void* device, size_t bytes) {
  finish();
  if (measures_) std::memset(host, 0, bytes);
  else std::memcpy(host, device, bytes);
}
size_t Stream::mostShared() const { return emulation::kMostShared; }
void Stream::clear(void* memory, size_t bytes) {
  if (measures_) return;
  ++launches_;
  std::memset(memory, 0, bytes);
}
void Stream::finish() {
  if (!measures_) check(emulation::wait(), "wait");
}

#endif

}  // namespace deltalab::cuda
