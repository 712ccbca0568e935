#include <algorithm>
#include <utility>

#include "../backend.h"
#include "../device_memory.h"
#include "../sort.h"
#include "core/sample.h"
#include "parity.h"

// What moves elements around, and products of stacks, at sizes that the samples of the operators do not have: more than a tile, matrices that are
// sums of others, rows that are looked up more often than a thread adds up.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

void compare(const char* opType, const OperatorSample& sample, int lanes = 2) {
  const OperatorDefinition* definition = findOperator(opType, Device::Cpu);
  cuda::CudaBackend device(0);
  compareWithProcessor(opType, sampleGraph(*definition, sample, 7), sample.outputs, lanes, ProgramMode::Training, device);
}

/** Numbers of rows below `size`, one of which makes up half of them. */
std::vector<double> numbersOfRows(size_t count, uint64_t size) {
  Generator generator(3);
  std::vector<float> drawn(count);
  generator.uniform(drawn.data(), count, 0, 1);
  std::vector<double> numbers;
  for (float value : drawn) numbers.push_back(value < 0.5F ? -1.0 : std::floor(static_cast<double>(value) * static_cast<double>(size)));
  return numbers;
}

}  // namespace

TEST(cuda_transposes_matrices_of_several_tiles) {
  compare("Transpose", {{input({2, 35, 67})}, {numbers("perm", {0, 2, 1})}});
  compare("Transpose", {{input({33, 3, 2, 41})}, {numbers("perm", {3, 2, 1, 0})}});
  compare("Transpose", {{input({2, 5, 40, 33})}, {numbers("perm", {0, 2, 3, 1})}});
  compare("DepthToSpace", {{input({2, 64, 9, 11})}, {number("blocksize", 4)}});
  compare("SpaceToDepth", {{input({2, 3, 40, 36})}, {number("blocksize", 4)}});
}

TEST(cuda_moves_more_elements_than_a_block_has_threads) {
  compare("Slice", {{input({40, 33}), integerInput({-2, 30}), integerInput({-100, -100}), integerInput({0, 1}), integerInput({-1, -3})}});
  compare("Concat", {{input({3, 5, 40}), input({3, 9, 40}), input({3, 1, 40})}, {number("axis", 1)}});
  compare("Split", {{input({3, 45, 9}), integerInput({40, 2, 3})}, {number("axis", 1)}, 3});
  compare("Tile", {{input({3, 20}), integerInput({9, 11})}});
  compare("Expand", {{input({1, 20}), integerInput({100, 20})}});
}

TEST(cuda_pads_and_resizes_dimensions_on_both_sides_of_others) {
  compare("Pad", {{input({3, 30, 7}), integerInput({2, 0, 3, 1, 0, 9})}, {text("mode", "reflect")}});
  compare("Pad", {{input({3, 30, 7}), integerInput({12, 0, 8, 1, 0, 9})}, {text("mode", "edge")}});
  compare("Pad", {{input({3, 30, 7}), integerInput({-1, 0, 9, 7, 0, -2})}, {text("mode", "wrap")}});
  const Attribute linear = text("mode", "linear");
  compare("Resize", {{input({5, 3, 6, 4}), omittedInput(), omittedInput(), integerInput({7, 3, 11, 9})}, {linear}});
  // Every element is spread to more than a thread adds up; of some, nothing is left.
  compare("Resize", {{input({2, 3, 2, 1}), omittedInput(), omittedInput(), integerInput({2, 3, 31, 40})}, {linear}});
  compare("Resize", {{input({2, 3, 9, 9}), omittedInput(), omittedInput(), integerInput({2, 3, 2, 3})}});
}

TEST(cuda_multiplies_stacks_beyond_a_tile) {
  const auto pair = [](Shape a, Shape b) { return OperatorSample{{input(std::move(a)), input(std::move(b))}}; };
  compare("MatMul", pair({3, 33, 35}, {3, 35, 34}));
  // Both sides are spread: gradients are sums over stacks, at a depth that is no multiple of a tile's.
  compare("MatMul", pair({2, 1, 3, 5, 19}, {4, 1, 19, 35}));
  compare("MatMul", pair({37}, {5, 37, 33}));
  // Gradients that are summed up in pieces: over the rows of all matrices, and over matrices.
  compare("MatMul", pair({7, 150, 5}, {5, 6}));
  compare("MatMul", pair({7, 2, 150, 5}, {2, 5, 6}));
}

TEST(cuda_adds_up_rows_that_are_looked_up_often) {
  compare("Gather", {{input({40, 37}), integerInput({10, 13}, numbersOfRows(130, 40))}});
  compare("Gather", {{input({3, 40, 5}), integerInput({1100}, numbersOfRows(1100, 40))}, {number("axis", 1)}});
  compare("Gather", {{input({3, 40}), integerInput({65}, std::vector<double>(65, 7))}, {number("axis", 1)}});
}

TEST(cuda_normalises_locally_with_windows_wider_than_the_picture) {
  compare("LRN", {{input({2, 9, 5, 33})}, {number("size", 25), number("alpha", 0.5)}});
}

TEST(cuda_sorts_keys_of_several_tiles) {
  cuda::Stream stream(0);
  for (size_t count : {2, 64, 1024, 4096}) {
    constexpr int kLanes = 2;
    std::vector<uint64_t> keys;
    Generator generator(count);
    std::vector<float> drawn(count * kLanes);
    generator.uniform(drawn.data(), drawn.size(), 0, 1);
    for (float value : drawn) keys.push_back(static_cast<uint64_t>(value * 1e6F) << 32 | keys.size());
    cuda::DeviceMemory<uint64_t> memory(stream, keys);
    cuda::sortKeys(stream, kLanes, memory.data(), count);
    std::vector<uint64_t> sorted(keys.size());
    stream.copyFrom(sorted.data(), memory.data(), sorted.size() * sizeof(uint64_t));
    const auto middle = keys.begin() + static_cast<std::ptrdiff_t>(count);
    std::sort(keys.begin(), middle);
    std::sort(middle, keys.end());
    CHECK(sorted == keys);
  }
}
