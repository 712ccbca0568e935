#pragma once

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

/** C [lanes][m][n] of A [lanes][m][k] and B [lanes][k][n]; either may lie transposed. */
inline std::vector<float> multiplied(cuda::Stream& stream, Precision precision, int m, int n, int k, int lanes, const float* a, const float* b,
                                     const float* c, bool turnA, bool turnB) {
  const size_t rows = static_cast<size_t>(m), columns = static_cast<size_t>(n), depth = static_cast<size_t>(k), all = static_cast<size_t>(lanes);
  const OnCard left(stream, std::vector<float>(a, a + all * rows * depth)), right(stream, std::vector<float>(b, b + all * depth * columns));
  const OnCard to(stream, std::vector<float>(c, c + all * rows * columns));
  cuda::Product product{};
  product.m = m;
  product.n = n;
  product.k = k;
  product.a = {left.data, turnA ? 1 : depth, turnA ? rows : 1, rows * depth};
  product.b = {right.data, turnB ? 1 : columns, turnB ? depth : 1, depth * columns};
  product.c = to.data;
  product.cRow = columns;
  product.cLane = rows * columns;
  multiply(stream, precision, lanes, product);
  return to.read();
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
