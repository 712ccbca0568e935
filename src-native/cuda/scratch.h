#pragma once

#include <cstddef>
#include <utility>

#include "device.h"

namespace deltalab::cuda {

/** Memory of the card that a step has for itself, zeroed at first, or none. Its elements need neither be made nor ended. */
template <class T>
class Scratch {
 public:
  Scratch() = default;
  Scratch(Stream& stream, size_t count) : stream_(&stream), data_(count == 0 ? nullptr : static_cast<T*>(stream.allocate(count * sizeof(T)))) {}
  Scratch(Scratch&& other) noexcept { *this = std::move(other); }
  Scratch& operator=(Scratch&& other) noexcept {
    std::swap(stream_, other.stream_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Scratch() {
    if (data_) stream_->release(data_);
  }

  T* data() const { return data_; }

 private:
  Stream* stream_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace deltalab::cuda
