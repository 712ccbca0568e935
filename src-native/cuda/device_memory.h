#pragma once

#include <vector>

#include "device.h"

namespace deltalab::cuda {

/** Zeroed memory of a card that a step keeps, or none. */
template <class T>
class DeviceMemory {
 public:
  DeviceMemory() = default;
  DeviceMemory(Stream& stream, size_t count) : stream_(&stream), data_(count == 0 ? nullptr : static_cast<T*>(stream.allocate(count * sizeof(T)))) {}
  DeviceMemory(Stream& stream, const std::vector<T>& values) : DeviceMemory(stream, values.size()) {
    if (data_) stream.copyTo(data_, values.data(), values.size() * sizeof(T));
  }
  DeviceMemory(DeviceMemory&& other) noexcept { *this = std::move(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~DeviceMemory() {
    if (data_) stream_->release(data_);
  }

  T* data() const { return data_; }

 private:
  Stream* stream_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace deltalab::cuda
