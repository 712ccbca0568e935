#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace deltalab {

/** Mersenne Twister MT19937 with the conversions of PyTorch's CPU generator: the same seed gives the same numbers as
 * torch.manual_seed(seed). */
class Generator {
 public:
  /** As torch.manual_seed: only the low 32 bits of the seed choose the stream. */
  explicit Generator(uint64_t seed);

  /** The next 32 bits of the stream. */
  uint32_t next();
  /** The next 64 bits: the first draw is the high half. */
  uint64_t next64();

  /** torch.rand: uniform on [0, 1) in steps of 2^-24. */
  void rand(float* out, size_t count);
  /** Tensor.uniform_(lo, hi). */
  void uniform(float* out, size_t count, float lo, float hi);
  /** torch.randn(count): a vector shorter than 16 and a longer one draw from the stream in different ways, as there. */
  void randn(float* out, size_t count);
  /** torch.randperm(count). */
  void randperm(int64_t* out, size_t count);

  /** The whole state, little-endian on every machine; a generator that loads it goes on with the same numbers. */
  std::vector<uint8_t> save() const;
  /** Throws std::invalid_argument when the bytes are not a saved state. */
  void load(const uint8_t* bytes, size_t size);

 private:
  static constexpr int kWords = 624;
  void refill();
  double normal();

  uint64_t seed_;
  uint32_t state_[kWords];
  int position_ = kWords;
  bool hasSpare_ = false;
  double spare_ = 0;
};

}  // namespace deltalab
