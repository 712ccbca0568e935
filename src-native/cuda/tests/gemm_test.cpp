#include "../gemm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "../device_memory.h"
#include "core/random.h"
#include "products.h"
#include "tests/harness.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Sizes {
  int m, n, k, lanes;
};

/** Memory of the card with values in it. */
class Values {
 public:
  Values(cuda::Stream& stream, size_t count, uint64_t seed) : stream_(stream), host(count) {
    Generator generator(seed);
    generator.uniform(host.data(), count, -1, 1);
    device = static_cast<float*>(stream.allocate(count * sizeof(float)));
    stream.copyTo(device, host.data(), count * sizeof(float));
  }
  ~Values() { stream_.release(device); }
  std::vector<float> read() const {
    std::vector<float> values(host.size());
    stream_.copyFrom(values.data(), device, values.size() * sizeof(float));
    return values;
  }

 private:
  cuda::Stream& stream_;

 public:
  std::vector<float> host;
  float* device;
};

size_t product(int a, int b, int c) { return static_cast<size_t>(a) * static_cast<size_t>(b) * static_cast<size_t>(c); }

/** C of all lanes, with A and B each lane's own. */
std::vector<float> multiplied(cuda::Stream& stream, const Sizes& sizes, bool turnA, bool turnB, int firstLane, int lanes) {
  const auto [m, n, k, all] = sizes;
  Values a(stream, product(m, k, all), 1), b(stream, product(k, n, all), 2), bias(stream, product(n, 1, all), 3), c(stream, product(m, n, all), 4);
  const size_t first = static_cast<size_t>(firstLane);
  cuda::Matrix left{a.device + first * product(m, k, 1), static_cast<size_t>(turnA ? 1 : k), static_cast<size_t>(turnA ? m : 1), product(m, k, 1)};
  cuda::Matrix right{b.device + first * product(k, n, 1), static_cast<size_t>(turnB ? 1 : n), static_cast<size_t>(turnB ? k : 1), product(k, n, 1)};
  cuda::Product p{};
  p.m = m;
  p.n = n;
  p.k = k;
  p.a = left;
  p.b = right;
  p.c = c.device + first * product(m, n, 1);
  p.cRow = static_cast<size_t>(n);
  p.cLane = product(m, n, 1);
  p.alpha = 0.5F;
  p.accumulate = true;
  p.bias = bias.device + first * static_cast<size_t>(n);
  p.biasLane = static_cast<size_t>(n);
  p.activation = Activation::LeakyRelu;
  p.activationAlpha = 0.25F;
  const cuda::DeviceMemory<float> parts(stream, static_cast<size_t>(lanes) * cuda::productMemory(m, n, k));
  p.parts = parts.data();
  multiply(stream, Precision::Float32, lanes, p);
  std::vector<float> got = c.read();
  // One place of every lane by hand would hide a mistake at an edge: all of the first and the last lane.
  for (int lane : {firstLane, firstLane + lanes - 1}) {
    const size_t l = static_cast<size_t>(lane);
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < n; ++j) {
        double sum = 0;
        for (int inner = 0; inner < k; ++inner) {
          const size_t aAt = l * product(m, k, 1) + static_cast<size_t>(turnA ? inner * m + i : i * k + inner);
          const size_t bAt = l * product(k, n, 1) + static_cast<size_t>(turnB ? j * k + inner : inner * n + j);
          sum += static_cast<double>(a.host[aAt]) * static_cast<double>(b.host[bAt]);
        }
        const size_t at = l * product(m, n, 1) + static_cast<size_t>(i * n + j);
        const double linear = 0.5 * sum + static_cast<double>(c.host[at]) + static_cast<double>(bias.host[l * static_cast<size_t>(n) + static_cast<size_t>(j)]);
        const double wanted = linear < 0 ? 0.25 * linear : linear;
        if (std::fabs(static_cast<double>(got[at]) - wanted) > 1e-5 * (1 + std::fabs(wanted))) {
          fail(__FILE__, __LINE__, "element " + std::to_string(i) + ", " + std::to_string(j) + " of lane " + std::to_string(lane) + " differs");
          return got;
        }
      }
    }
  }
  return got;
}

/** What the lanes of a product share. */
enum class Shared { Left, Right };

/** C of some lanes of which each has one side of its own. */
std::vector<float> multipliedWith(cuda::Stream& stream, Shared shared, bool turn, const Sizes& sizes, int firstLane, int lanes) {
  const auto [m, n, k, all] = sizes;
  const bool sharesLeft = shared == Shared::Left;
  Values a(stream, product(m, k, sharesLeft ? 1 : all), 1), b(stream, product(k, n, sharesLeft ? all : 1), 2), bias(stream, product(n, 1, all), 3);
  Values c(stream, product(m, n, all), 4);
  const size_t first = static_cast<size_t>(firstLane), aLane = sharesLeft ? 0 : product(m, k, 1), bLane = sharesLeft ? product(k, n, 1) : 0;
  cuda::Product p{};
  p.m = m;
  p.n = n;
  p.k = k;
  p.a = {a.device + first * aLane, static_cast<size_t>(turn ? 1 : k), static_cast<size_t>(turn ? m : 1), aLane};
  p.b = {b.device + first * bLane, static_cast<size_t>(turn ? 1 : n), static_cast<size_t>(turn ? k : 1), bLane};
  p.cLane = product(m, n, 1);
  p.c = c.device + first * p.cLane;
  p.cRow = static_cast<size_t>(n);
  p.accumulate = true;
  p.bias = bias.device + first * static_cast<size_t>(n);
  p.biasLane = static_cast<size_t>(n);
  const cuda::DeviceMemory<float> parts(stream, static_cast<size_t>(lanes) * cuda::productMemory(m, n, k));
  p.parts = parts.data();
  multiply(stream, Precision::Float32, lanes, p);
  const std::vector<float> values = c.read();
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first * p.cLane);
  return {begin, begin + static_cast<std::ptrdiff_t>(static_cast<size_t>(lanes) * p.cLane)};
}

/** Every lane against itself alone. */
void compareWithLoneLanes(cuda::Stream& stream, Shared shared, bool turn, const Sizes& sizes) {
  const std::vector<float> together = multipliedWith(stream, shared, turn, sizes, 0, sizes.lanes);
  const std::ptrdiff_t elements = static_cast<std::ptrdiff_t>(product(sizes.m, sizes.n, 1));
  for (int lane = 0; lane < sizes.lanes; ++lane) {
    const std::vector<float> alone = multipliedWith(stream, shared, turn, sizes, lane, 1);
    if (std::equal(alone.begin(), alone.end(), together.begin() + lane * elements)) continue;
    return fail(__FILE__, __LINE__, "lane " + std::to_string(lane) + " of " + std::to_string(sizes.lanes) + ", n = " + std::to_string(sizes.n));
  }
}

/** C of one lane, whose sides begin `shift` elements after the beginning of a whole four; their sizes are multiples of four. */
std::vector<float> multipliedFrom(cuda::Stream& stream, size_t shift, const Sizes& sizes, bool turnA, bool turnB) {
  const auto [m, n, k, lanes] = sizes;
  const size_t aStep = static_cast<size_t>(turnA ? m : k), bStep = static_cast<size_t>(turnB ? k : n);
  const auto shifted = [&](size_t count, uint64_t seed) {
    std::vector<float> values = drawn(count, seed);
    values.insert(values.begin(), shift, 0.0F);
    return values;
  };
  const OnCard a(stream, shifted(aStep * static_cast<size_t>(turnA ? k : m), 1)), b(stream, shifted(bStep * static_cast<size_t>(turnB ? n : k), 2));
  const OnCard c(stream, std::vector<float>(product(m, n, 1)));
  cuda::Product p{};
  p.m = m;
  p.n = n;
  p.k = k;
  p.a = {a.data + shift, turnA ? 1 : aStep, turnA ? aStep : 1, 0};
  p.b = {b.data + shift, turnB ? 1 : bStep, turnB ? bStep : 1, 0};
  p.c = c.data;
  p.cRow = static_cast<size_t>(n);
  multiply(stream, Precision::Float32, lanes, p);
  return c.read();
}

}  // namespace

TEST(cuda_products_equal_the_formula_at_odd_sizes) {
  cuda::Stream stream(0);
  for (const Sizes& sizes : {Sizes{1, 1, 1, 1}, Sizes{3, 5, 7, 2}, Sizes{33, 31, 17, 2}}) {
    for (bool turnA : {false, true}) {
      for (bool turnB : {false, true}) multiplied(stream, sizes, turnA, turnB, 0, sizes.lanes);
    }
  }
  // Cut into pieces, the last of which is shorter.
  CHECK(cuda::productMemory(5, 7, 1537) == 5 * 7 * 3);
  multiplied(stream, {5, 7, 1537, 3}, true, false, 0, 3);
  // Enough of them for larger tiles.
  multiplied(stream, {65, 66, 17, 120}, true, false, 0, 120);
}

TEST(cuda_products_of_a_lane_are_those_of_the_lone_lane_bit_for_bit) {
  // Many lanes take large tiles, one takes small ones.
  cuda::Stream stream(0);
  const Sizes sizes{130, 129, 3, 130};
  const std::vector<float> together = multiplied(stream, sizes, false, true, 0, sizes.lanes);
  const std::vector<float> alone = multiplied(stream, sizes, false, true, 77, 1);
  const size_t lane = product(sizes.m, sizes.n, 1);
  CHECK(std::vector<float>(together.begin() + static_cast<std::ptrdiff_t>(77 * lane), together.begin() + static_cast<std::ptrdiff_t>(78 * lane)) ==
        std::vector<float>(alone.begin() + static_cast<std::ptrdiff_t>(77 * lane), alone.begin() + static_cast<std::ptrdiff_t>(78 * lane)));
}

TEST(cuda_products_of_lanes_that_share_a_side_are_those_of_lone_lanes_bit_for_bit) {
  cuda::Stream stream(0);
  for (Shared shared : {Shared::Left, Shared::Right}) {
    for (bool turn : {false, true}) {
      for (int n : {1, 10, 33, 128}) compareWithLoneLanes(stream, shared, turn, {19, n, 18, 3});
      compareWithLoneLanes(stream, shared, turn, {7, 10, 17, 64});
    }
    compareWithLoneLanes(stream, shared, false, {9, 10, 1537, 3});
    compareWithLoneLanes(stream, shared, false, {5, 33, 3, 256});
    compareWithLoneLanes(stream, shared, true, {66, 1, 3, 256});
  }
}

TEST(cuda_products_whose_sides_are_read_in_fours_have_the_same_bits) {
  cuda::Stream stream(0);
  // Tiles of 64 x 64 and of 16 x 128, the last of which are not whole.
  for (const Sizes& sizes : {Sizes{516, 1028, 20, 1}, Sizes{12, 16388, 20, 1}}) {
    for (const auto& [turnA, turnB] : {std::pair{false, false}, std::pair{true, true}}) {
      CHECK(multipliedFrom(stream, 0, sizes, turnA, turnB) == multipliedFrom(stream, 1, sizes, turnA, turnB));
    }
  }
}
