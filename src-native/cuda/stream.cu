#include <algorithm>
#include <cstring>
#include <string>

#include "blas.h"
#include "core/errors.h"
#include "fault.h"

namespace deltalab::cuda {

namespace {

[[noreturn]] void failMemory(size_t wanted, size_t free, size_t total) {
  // In MB: what is needed rounded up, what is free rounded down.
  const size_t mega = size_t{1} << 20, needed = (wanted + mega - 1) / mega;
  throw EngineError("device.memory",
                    "The graphics card has " + std::to_string(free / mega) + " MB free, and " + std::to_string(needed) + " MB more are needed",
                    {{"needed", static_cast<double>(needed)}, {"free", static_cast<double>(free / mega)}, {"total", static_cast<double>(total / mega)}});
}

}  // namespace

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

Blas* Stream::blas() {
  std::call_once(sought_, [this] { blas_ = Blas::open(*this); });
  return blas_.get();
}

#if defined(__CUDACC__)

void Stream::check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  const std::string reason = cudaGetErrorString(status);
  throw EngineError("device.failed", std::string(call) + ": " + reason, {{"call", std::string(call)}, {"reason", reason}});
}

void Stream::checkLaunch() { check(cudaGetLastError(), "kernel"); }

/** Which card a thread speaks to is the thread's own, and a training is asked for by many. */
void Stream::use() const { check(cudaSetDevice(card_), "cudaSetDevice"); }

Stream::Stream(int card) : card_(card) {
  use();
  int major = 0, minor = 0;
  check(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, card), "cudaDeviceGetAttribute");
  check(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, card), "cudaDeviceGetAttribute");
  capability_ = 10 * major + minor;
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}

Stream::~Stream() {
  blas_.reset();
  if (stream_) cudaStreamDestroy(stream_);
}

void* Stream::allocate(size_t bytes) {
  void* memory = nullptr;
  use();
  const cudaError_t status = cudaMalloc(&memory, bytes);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    failMemory(bytes, free, total);
  }
  check(status, "cudaMalloc");
  clear(memory, bytes);
  return memory;
}

void Stream::release(void* memory) noexcept { cudaFree(memory); }

void Stream::copyTo(void* device, const void* host, size_t bytes) {
  use();
  check(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, stream_), "cudaMemcpy");
}

void Stream::copyBack(void* host, const void* device, size_t bytes) {
  use();
  check(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, stream_), "cudaMemcpy");
  finish();
}

void Stream::copyWithin(void* to, const void* from, size_t bytes) {
  use();
  check(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_), "cudaMemcpy");
}

void Stream::clear(void* memory, size_t bytes) {
  use();
  check(cudaMemsetAsync(memory, 0, bytes, stream_), "cudaMemset");
}

void Stream::finish() {
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
  Stream::check(cudaStreamBeginCapture(stream.stream_, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  cudaGraph_t noted = nullptr;
  try {
    work();
  } catch (...) {
    // The stream must not go on noting.
    cudaStreamEndCapture(stream.stream_, &noted);
    if (noted) cudaGraphDestroy(noted);
    throw;
  }
  Stream::check(cudaStreamEndCapture(stream.stream_, &noted), "cudaStreamEndCapture");
  const cudaError_t status = cudaGraphInstantiate(&graph_, noted, 0);
  cudaGraphDestroy(noted);
  Stream::check(status, "cudaGraphInstantiate");
}

StreamGraph::~StreamGraph() {
  if (graph_) cudaGraphExecDestroy(graph_);
}

void StreamGraph::launch() {
  stream_.use();
  Stream::check(cudaGraphLaunch(graph_, stream_.stream_), "cudaGraphLaunch");
}

#else

Stream::Stream(int) : capability_(emulation::capability()) {}
Stream::~Stream() = default;
void Stream::use() const {}

void* Stream::allocate(size_t bytes) {
  void* memory = emulation::allocate(bytes);
  if (!memory) failMemory(bytes, emulation::memory().free, emulation::memory().total);
  return memory;
}

void Stream::release(void* memory) noexcept { emulation::release(memory); }
void Stream::copyTo(void* device, const void* host, size_t bytes) { std::memcpy(device, host, bytes); }
void Stream::copyWithin(void* to, const void* from, size_t bytes) { std::memcpy(to, from, bytes); }

void Stream::copyBack(void* host, const void* device, size_t bytes) {
  finish();
  std::memcpy(host, device, bytes);
}
size_t Stream::mostShared() const { return emulation::kMostShared; }
void Stream::clear(void* memory, size_t bytes) { std::memset(memory, 0, bytes); }
void Stream::finish() {
  if (!emulation::failsNow()) return;
  throw EngineError("device.failed", "The emulated card fails, as it was told to", {{"call", std::string("wait")}, {"reason", std::string("emulated")}});
}

#endif

}  // namespace deltalab::cuda
