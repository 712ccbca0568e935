#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace deltalab {

/** FNV-1a, 64 bits: tells accidental differences apart, nothing more. */
class Checksum {
 public:
  void add(const void* data, size_t size) {
    const unsigned char* bytes = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; ++i) value_ = (value_ ^ bytes[i]) * 0x100000001b3ULL;
  }
  void add(uint64_t number) { add(&number, sizeof number); }
  void add(const std::string& text) {
    add(text.size());
    add(text.data(), text.size());
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xcbf29ce484222325ULL;
};

/** The same purpose for large blocks, at about the speed of memory: four interleaved streams of 8-byte words. */
inline uint64_t checksumOfBlock(const void* data, size_t size) {
  constexpr uint64_t kPrime = 0x9e3779b97f4a7c15ULL;
  const unsigned char* bytes = static_cast<const unsigned char*>(data);
  uint64_t streams[4] = {1, 2, 3, 4};
  size_t at = 0;
  for (; at + 32 <= size; at += 32) {
    uint64_t words[4];
    std::memcpy(words, bytes + at, sizeof words);
    for (int i = 0; i < 4; ++i) {
      streams[i] = (streams[i] ^ words[i]) * kPrime;
      streams[i] ^= streams[i] >> 32;
    }
  }
  Checksum sum;
  sum.add(streams, sizeof streams);
  sum.add(bytes + at, size - at);
  sum.add(static_cast<uint64_t>(size));
  return sum.value();
}

/** Appends values in the machine's own byte order (little-endian on every platform the lab is built for). */
class ByteWriter {
 public:
  template <class T>
  void value(const T& item) {
    raw(&item, sizeof item);
  }
  template <class T>
  void array(const T* items, size_t count) {
    value<uint64_t>(count);
    raw(items, count * sizeof(T));
  }
  void raw(const void* data, size_t size) {
    const uint8_t* bytes = static_cast<const uint8_t*>(data);
    bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  void reserve(size_t size) { bytes_.reserve(size); }
  std::vector<uint8_t>& bytes() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

/** Reads what ByteWriter wrote. Reading past the end, or an array of another length than expected, only marks it as failed. */
class ByteReader {
 public:
  ByteReader(const uint8_t* bytes, size_t size) : bytes_(bytes), left_(size) {}

  template <class T>
  T value() {
    T item{};
    raw(&item, sizeof item);
    return item;
  }
  template <class T>
  std::vector<T> array() {
    const uint64_t count = value<uint64_t>();
    if (!ok_ || count > left_ / sizeof(T)) {
      ok_ = false;
      return {};
    }
    std::vector<T> items(count);
    raw(items.data(), count * sizeof(T));
    return items;
  }
  template <class T>
  std::vector<T> array(size_t expected) {
    std::vector<T> items = array<T>();
    if (items.size() != expected) {
      ok_ = false;
      items.assign(expected, T{});
    }
    return items;
  }
  bool ok() const { return ok_; }
  size_t left() const { return left_; }

 private:
  void raw(void* data, size_t size) {
    if (size > left_) ok_ = false;
    if (!ok_ || size == 0) return;
    std::memcpy(data, bytes_, size);
    bytes_ += size;
    left_ -= size;
  }

  const uint8_t* bytes_;
  size_t left_;
  bool ok_ = true;
};

}  // namespace deltalab
