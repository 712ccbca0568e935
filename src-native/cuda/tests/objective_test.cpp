#include "../backend.h"
#include "core/device_kernels.h"
#include "core/random.h"
#include "tests/harness.h"

// The loss and the metrics of evaluations on a card.

using namespace deltalab;

namespace {

constexpr int kLanes = 2;
constexpr size_t kRows = 1100, kColumns = 3;

/** Sums and counts of all rows, of which so many are asked for at a time. */
std::pair<std::vector<double>, std::vector<unsigned long long>> tallied(cuda::CudaBackend& device, bool weighted, const std::vector<size_t>& parts) {
  const auto values = [&](size_t count, float low, uint64_t seed) {
    std::vector<float> drawn(count);
    Generator(seed).uniform(drawn.data(), count, low, 2);
    DeviceBuffer<float> buffer(device, count);
    buffer.fill(drawn.data());
    return buffer;
  };
  const DeviceBuffer<float> outputs = values(kLanes * kRows * kColumns, -2, 1), weights = values(kColumns, 0.5F, 2);
  std::vector<int64_t> labels(kRows);
  for (size_t i = 0; i < kRows; ++i) labels[i] = static_cast<int64_t>(i * i % kColumns);
  DeviceBuffer<int64_t> classes(device, kRows);
  classes.fill(labels.data());
  DeviceBuffer<unsigned char> active(device, kLanes);
  active.fill(std::vector<unsigned char>(kLanes, 1).data());

  ObjectiveWork work{};
  work.loss = LossKind::CrossEntropy;
  work.classWeights = weighted ? weights.data() : nullptr;
  work.counted.correct = work.counted.classes = true;
  work.lanes = kLanes;
  work.columns = work.rowStride = kColumns;
  work.laneStride = kRows * kColumns;
  work.rows = kRows;
  work.active = active.data();
  const DeviceBuffer<double> scratch(device, work.scratchSize()), sums(device, kLanes * work.layout().sums());
  const DeviceBuffer<unsigned long long> counts(device, kLanes * work.layout().counts());
  work.scratch = scratch.data();
  work.sums = sums.data();
  work.counts = counts.data();
  size_t begin = 0;
  for (size_t rows : parts) {
    work.rows = rows;
    work.outputs = outputs.data() + begin * kColumns;
    work.classes = classes.data() + begin;
    device.addObjective(work);
    begin += rows;
  }
  std::pair<std::vector<double>, std::vector<unsigned long long>> all{std::vector<double>(sums.size()), std::vector<unsigned long long>(counts.size())};
  sums.read(all.first.data());
  counts.read(all.second.data());
  return all;
}

}  // namespace

TEST(cuda_evaluations_come_to_the_same_bits_in_any_pieces) {
  cuda::CudaBackend device(0);
  for (bool weighted : {false, true}) {
    const auto whole = tallied(device, weighted, {1100});
    CHECK(whole.first[0] > 100);
    CHECK(tallied(device, weighted, {512, 512, 76}) == whole);
    CHECK(tallied(device, weighted, {256, 768, 76}) == whole);
  }
}
