#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace deltalab {

/** Bytes of a cache line, and the width of the widest vector register. */
constexpr size_t kAlignment = 64;

/** Rounds a number of elements up so that the next block starts on a cache line. */
template <class T>
constexpr size_t alignedCount(size_t count) {
  constexpr size_t step = kAlignment / sizeof(T);
  return (count + step - 1) / step * step;
}

/** Asks for values that will be needed soon, into the second-level cache. Never more than a hint. */
inline void fetch(const float* values, size_t count) {
#if defined(__GNUC__)
  for (size_t i = 0; i < count; i += kAlignment / sizeof(float)) __builtin_prefetch(values + i, 0, 2);
#else
  static_cast<void>(values);
  static_cast<void>(count);
#endif
}

/** A fixed block of zeroed, cache-line-aligned memory. */
template <class T>
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t count) : count_(count) {
    if (count == 0) return;
    if (count > static_cast<size_t>(PTRDIFF_MAX) / sizeof(T)) throw std::bad_array_new_length();
    data_ = static_cast<T*>(::operator new(count * sizeof(T), std::align_val_t(kAlignment)));
    std::memset(static_cast<void*>(data_), 0, count * sizeof(T));
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept { *this = std::move(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~AlignedBuffer() {
    if (data_) ::operator delete(data_, std::align_val_t(kAlignment));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t size() const { return count_; }

 private:
  T* data_ = nullptr;
  size_t count_ = 0;
};

}  // namespace deltalab
