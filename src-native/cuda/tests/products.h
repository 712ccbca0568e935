#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "../gemm.h"
#include "core/random.h"
#include "tests/trainer_fixtures.h"

namespace deltalab::testing {

/** Values on the card, for as long as they are needed. */
struct OnCard {
  OnCard(cuda::Stream& of, const std::vector<float>& values)
      : stream(of), data(static_cast<float*>(of.allocate(values.size() * sizeof(float)))), count(values.size()) {
    stream.copyTo(data, values.data(), count * sizeof(float));
  }
  ~OnCard() { stream.release(data); }
  std::vector<float> read() const {
    std::vector<float> values(count);
    stream.copyFrom(values.data(), data, count * sizeof(float));
    return values;
  }
  cuda::Stream& stream;
  float* data;
  size_t count;
};

inline std::vector<float> drawn(size_t count, uint64_t seed) {
  std::vector<float> values(count);
  Generator(seed).uniform(values.data(), count, -1, 1);
  return values;
}

/** To `bits` of mantissa behind the leading one; of two that are equally near the greater one (`away`), or the even one. */
inline float roundedTo(int bits, bool away, float value) {
  if (value == 0) return value;
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(std::fabs(static_cast<double>(value)), &exponent), bits + 1);
  const double below = std::floor(scaled), rest = scaled - below;
  const bool up = rest > 0.5 || (rest == 0.5 && (away || std::fmod(below, 2) == 1));
  return static_cast<float>(std::copysign(std::ldexp(below + (up ? 1 : 0), exponent - bits - 1), static_cast<double>(value)));
}

/** A factor of a product, as its precision takes it. */
inline float rounded(Precision precision, float value) {
  if (precision == Precision::Float32) return value;
  return precision == Precision::Tf32 ? roundedTo(10, true, value) : roundedTo(7, false, value);
}

constexpr Precision kRounded[] = {Precision::Tf32, Precision::Bf16};

/** How a product is asked for besides. */
struct Asked {
  /** Either may lie transposed. */
  bool turnA = false, turnB = false;
  /** Floats between rows, of all three, that belong to something else. */
  size_t gap = 0;
  float alpha = 1;
  bool accumulate = false;
};

/** Matrices [count][rows][columns] with `gap` floats behind every row, which are no numbers. */
inline std::vector<float> withGaps(const float* from, size_t count, size_t rows, size_t columns, size_t gap) {
  std::vector<float> spread(count * rows * (columns + gap), std::numeric_limits<float>::quiet_NaN());
  for (size_t row = 0; row < count * rows; ++row) std::copy_n(from + row * columns, columns, &spread[row * (columns + gap)]);
  return spread;
}

/** C [lanes][m][n] of A [lanes][m][k] and B [lanes][k][n]; C is what it is before, too. */
inline std::vector<float> multiplied(cuda::Stream& stream, Precision precision, int m, int n, int k, int lanes, const float* a, const float* b,
                                     const float* c, const Asked& asked) {
  const size_t rows = static_cast<size_t>(m), columns = static_cast<size_t>(n), depth = static_cast<size_t>(k), all = static_cast<size_t>(lanes);
  const auto [turnA, turnB, gap, alpha, accumulate] = asked;
  const auto lying = [gap = gap](const float* data, size_t height, size_t width, bool turned) {
    const cuda::Matrix matrix{data, width + gap, 1, height * (width + gap)};
    return turned ? matrix.transposed() : matrix;
  };
  const size_t heightA = turnA ? depth : rows, widthA = turnA ? rows : depth, heightB = turnB ? columns : depth, widthB = turnB ? depth : columns;
  const OnCard left(stream, withGaps(a, all, heightA, widthA, gap)), right(stream, withGaps(b, all, heightB, widthB, gap));
  const OnCard to(stream, withGaps(c, all, rows, columns, gap));
  cuda::Product product{};
  product.m = m;
  product.n = n;
  product.k = k;
  product.a = lying(left.data, heightA, widthA, turnA);
  product.b = lying(right.data, heightB, widthB, turnB);
  product.c = to.data;
  product.cRow = columns + gap;
  product.cLane = rows * (columns + gap);
  product.alpha = alpha;
  product.accumulate = accumulate;
  multiply(stream, precision, lanes, product);
  const std::vector<float> spread = to.read();
  std::vector<float> result(all * rows * columns);
  for (size_t row = 0; row < all * rows; ++row) std::copy_n(&spread[row * (columns + gap)], columns, &result[row * columns]);
  return result;
}

/** A training whose products are large, too large for one block of a card (small_network.h). */
inline TrainPlan largePlan(const std::vector<LaneSettings>& lanes) {
  TrainPlan plan;
  plan.graph = network({64, 160, 128}, "Tanh", 1);
  plan.training = samples(256, 64, 128, false, 2);
  plan.lanes = lanes;
  plan.batchSize = 128;
  plan.epochs = 2;
  plan.threads = 1;
  return plan;
}

}  // namespace deltalab::testing
