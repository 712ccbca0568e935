#include "random.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

namespace deltalab {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr int kMiddle = 397;

// Identifies a saved state and its layout: magic, then seed, position, spare flag, spare, words.
constexpr uint32_t kMagic = 0x31544d44;  // "DMT1"
constexpr size_t kHeader = 4 + 8 + 4 + 4 + 8;

uint32_t twist(uint32_t high, uint32_t low) {
  const uint32_t mixed = (high & 0x80000000u) | (low & 0x7fffffffu);
  return (mixed >> 1) ^ ((low & 1u) ? 0x9908b0dfu : 0u);
}

float unit24(uint32_t bits) { return static_cast<float>(bits & 0xffffffu) * 0x1p-24f; }
double unit53(uint64_t bits) { return static_cast<double>(bits & 0x1fffffffffffffull) * 0x1p-53; }

void put(std::vector<uint8_t>& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

uint64_t take(const uint8_t*& from, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(*from++) << (8 * i);
  return value;
}

float logarithm(float x) { return static_cast<float>(std::log(static_cast<double>(x))); }

// Box-Muller on 16 uniforms in place: the first eight give the radii, the last eight the angles. The functions are
// taken in double and rounded, which gives the same bits with every mathematical library.
void boxMuller16(float* data) {
  for (int i = 0; i < 8; ++i) {
    const float u1 = 1.0f - data[i];  // (0, 1]: log stays finite
    const float u2 = data[i + 8];
    const float radius = std::sqrt(-2.0f * logarithm(u1));
    const float theta = static_cast<float>(2.0 * kPi) * u2;
    data[i] = radius * static_cast<float>(std::cos(static_cast<double>(theta)));
    data[i + 8] = radius * static_cast<float>(std::sin(static_cast<double>(theta)));
  }
}

}  // namespace

Generator::Generator(uint64_t seed) : seed_(seed) {
  state_[0] = static_cast<uint32_t>(seed);
  for (int i = 1; i < kWords; ++i) {
    state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + static_cast<uint32_t>(i);
  }
}

void Generator::refill() {
  for (int i = 0; i < kWords - kMiddle; ++i) state_[i] = state_[i + kMiddle] ^ twist(state_[i], state_[i + 1]);
  for (int i = kWords - kMiddle; i < kWords - 1; ++i) {
    state_[i] = state_[i + kMiddle - kWords] ^ twist(state_[i], state_[i + 1]);
  }
  state_[kWords - 1] = state_[kMiddle - 1] ^ twist(state_[kWords - 1], state_[0]);
  position_ = 0;
}

uint32_t Generator::next() {
  if (position_ == kWords) refill();
  uint32_t y = state_[position_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint64_t Generator::next64() {
  const uint64_t high = next();
  return (high << 32) | next();
}

void Generator::rand(float* out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = unit24(next());
}

void Generator::uniform(float* out, size_t count, float lo, float hi) {
  const float width = hi - lo;
  for (size_t i = 0; i < count; ++i) out[i] = std::fma(unit24(next()), width, lo);
}

double Generator::normal() {
  if (hasSpare_) {
    hasSpare_ = false;
    return spare_;
  }
  const double u1 = unit53(next64());
  const double u2 = unit53(next64());
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * kPi * u1;
  spare_ = radius * std::sin(theta);
  hasSpare_ = true;
  return radius * std::cos(theta);
}

void Generator::randn(float* out, size_t count) {
  if (count < 16) {
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>(normal());
    return;
  }
  rand(out, count);
  for (size_t i = 0; i + 16 <= count; i += 16) boxMuller16(out + i);
  if (count % 16 != 0) {
    // The last 16 values are drawn afresh, over part of the block before them.
    float* const tail = out + count - 16;
    rand(tail, 16);
    boxMuller16(tail);
  }
}

void Generator::randperm(int64_t* out, size_t count) {
  if (count >= 0xffffffffull / 20) {
    // 32 bits would favour low indices too much: PyTorch draws 64 here, and shuffles from the inside out.
    for (size_t i = 0; i < count; ++i) {
      const size_t other = static_cast<size_t>(next64() % (i + 1));
      out[i] = static_cast<int64_t>(i);
      out[i] = out[other];
      out[other] = static_cast<int64_t>(i);
    }
    return;
  }
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<int64_t>(i);
  for (size_t i = 0; i + 1 < count; ++i) {
    const size_t other = i + next() % static_cast<uint32_t>(count - i);
    const int64_t kept = out[i];
    out[i] = out[other];
    out[other] = kept;
  }
}

std::vector<uint8_t> Generator::save() const {
  std::vector<uint8_t> out;
  out.reserve(kHeader + 4 * kWords);
  uint64_t spareBits;
  std::memcpy(&spareBits, &spare_, sizeof spareBits);
  put(out, kMagic, 4);
  put(out, seed_, 8);
  put(out, static_cast<uint64_t>(position_), 4);
  put(out, hasSpare_ ? 1 : 0, 4);
  put(out, spareBits, 8);
  for (uint32_t word : state_) put(out, word, 4);
  return out;
}

void Generator::load(const uint8_t* bytes, size_t size) {
  const uint8_t* from = bytes;
  if (size != kHeader + 4 * kWords || take(from, 4) != kMagic) {
    throw std::invalid_argument("Generator: these bytes are not a saved generator state");
  }
  const uint64_t seed = take(from, 8);
  const uint64_t position = take(from, 4);
  const uint64_t hasSpare = take(from, 4);
  if (position > kWords || hasSpare > 1) throw std::invalid_argument("Generator: the saved state is damaged");
  seed_ = seed;
  position_ = static_cast<int>(position);
  hasSpare_ = hasSpare == 1;
  const uint64_t spareBits = take(from, 8);
  std::memcpy(&spare_, &spareBits, sizeof spare_);
  for (uint32_t& word : state_) word = static_cast<uint32_t>(take(from, 4));
}

}  // namespace deltalab
