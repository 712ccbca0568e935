#pragma once

#include <map>
#include <vector>

#include "core/device_backend.h"

namespace deltalab {

/**
 * Memory of a device for arrays that come and go. What is given back is kept for the next array of about that size, since a device takes long to
 * give memory, and waits for all its work to take it back. A block is used again in the order of the device's work, so that what reads it has been asked for before.
 */
class DeviceHeap {
 public:
  explicit DeviceHeap(DeviceBackend& device) : device_(device) {}
  ~DeviceHeap() { trim(); }
  DeviceHeap(const DeviceHeap&) = delete;
  DeviceHeap& operator=(const DeviceHeap&) = delete;

  /** Bytes that an array of so many floats takes: eight sizes between one power of two and the next. */
  static size_t blockBytes(size_t count);

  /** Set to nothing. Where the device has no more, what is kept goes back to it first. Throws 'device.memory'. */
  float* allocate(size_t count);
  /** `count` as it was asked for. */
  void release(float* memory, size_t count);
  /** Gives what is kept back to the device. */
  void trim() noexcept;

  /** Bytes: in use, and taken from the device in all. */
  size_t used() const { return used_; }
  size_t held() const { return held_; }

 private:
  DeviceBackend& device_;
  std::map<size_t, std::vector<void*>> kept_;
  size_t used_ = 0, held_ = 0;
};

}  // namespace deltalab
