#pragma once

#include <cstddef>
#include <utility>

#include "device.h"

namespace deltalab::cuda {

/** Zeroed memory of a card that a step keeps, or none. */
template <class T>
class Memory {
 public:
  Memory() = default;
  Memory(Stream& stream, size_t count) : stream_(&stream), data_(count == 0 ? nullptr : static_cast<T*>(stream.allocate(count * sizeof(T)))) {}
  Memory(Memory&& other) noexcept { *this = std::move(other); }
  Memory& operator=(Memory&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Memory() {
    if (data_) stream_->release(data_);
  }

  T* data() const { return data_; }

 private:
  Stream* stream_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace deltalab::cuda
