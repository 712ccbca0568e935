#pragma once

#include "device_memory.h"
#include "sums.h"

namespace deltalab::cuda {

/** As many terms as a piece has, if there are more: a block takes a few rounds over them. */
constexpr size_t kPieceOfSum = 2048;

/** The sum of a piece of what F sums up. */
template <class F>
struct PieceSums {
  F f;
  size_t terms, pieces;
  float* parts;
  size_t lane;

  __device__ float term(int index, size_t i, size_t at) const {
    const size_t whole = i % pieces * kPieceOfSum + at;
    return whole < terms ? f.term(index, i / pieces, whole) : 0.0F;
  }
  __device__ void store(int index, size_t i, double sum) const { parts[static_cast<size_t>(index) * lane + i] = static_cast<float>(sum); }
};

/** The sum of the pieces. */
template <class F>
struct WholeSums {
  F f;
  size_t pieces;
  const float* parts;
  size_t lane;

  __device__ float term(int index, size_t i, size_t piece) const { return parts[static_cast<size_t>(index) * lane + i * pieces + piece]; }
  __device__ void store(int index, size_t i, double sum) const { f.store(index, i, sum); }
};

/** sumUp of few sums with very many terms: pieces of them first, each by a block of its own. */
class LongSums {
 public:
  LongSums() = default;
  LongSums(Stream& stream, int lanes, size_t count, size_t terms)
      : count_(count),
        terms_(terms),
        pieces_((terms + kPieceOfSum - 1) / kPieceOfSum),
        parts_(stream, pieces_ > 1 ? static_cast<size_t>(lanes) * count * pieces_ : 0) {}

  template <class F>
  void sumUp(Stream& stream, int lanes, const F& f) const {
    if (pieces_ <= 1) return cuda::sumUp(stream, lanes, count_, terms_, f);
    const size_t lane = count_ * pieces_;
    cuda::sumUp(stream, lanes, lane, kPieceOfSum, PieceSums<F>{f, terms_, pieces_, parts_.data(), lane});
    cuda::sumUp(stream, lanes, count_, pieces_, WholeSums<F>{f, pieces_, parts_.data(), lane});
  }

 private:
  size_t count_ = 0, terms_ = 0, pieces_ = 0;
  DeviceMemory<float> parts_;
};

}  // namespace deltalab::cuda
