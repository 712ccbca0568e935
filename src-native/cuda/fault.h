#pragma once

#include <functional>
#include <optional>

#include "device_memory.h"

namespace deltalab::cuda {

/** A fault as kernels report it. */
struct FaultReport {
  unsigned long long* worst;

  /** The value at a place (the first of several counts), which a kernel cannot stop for. */
  __device__ void at(size_t place, float value) const {
    const uint32_t first = ~static_cast<uint32_t>(place < UINT32_MAX ? place : UINT32_MAX - 1);
    atomicMax(worst, static_cast<unsigned long long>(first) << 32 | bitsOf(value));
  }

 private:
  static __device__ uint32_t bitsOf(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
  }
};

/** What may be wrong with values that are computed with on the card: is noticed when the stream is waited for, which then throws. */
class Fault {
 public:
  /** `fail` throws what is to be said of such a value. */
  Fault(Stream& stream, std::function<void(float)> fail);
  ~Fault();
  Fault(const Fault&) = delete;
  Fault& operator=(const Fault&) = delete;

  FaultReport report() const { return {worst_.data()}; }

 private:
  friend class Stream;
  /** The value, if work that is done has come upon one; once. */
  std::optional<float> take();

  Stream& stream_;
  std::function<void(float)> fail_;
  /** 0: there is none. */
  DeviceMemory<unsigned long long> worst_;
};

}  // namespace deltalab::cuda
