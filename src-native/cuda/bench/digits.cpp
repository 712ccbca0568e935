#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "core/trainer.h"
#include "measure.h"

namespace deltalab::cuda::bench {

namespace {

constexpr double kWanted = 0.97;
constexpr int64_t kMostEpochs = 50;
constexpr size_t kPixels = 28 * 28;
/** Of the 10,000 digits, where they are all there is. */
constexpr size_t kTrained = 9000;

/** The bytes after the header of an IDX file, which has a word for each dimension; empty where there is no such file. */
std::vector<unsigned char> readIdx(const std::string& path, size_t dimensions) {
  std::ifstream file(path, std::ios::binary);
  std::vector<unsigned char> bytes((std::istreambuf_iterator<char>(file)), {});
  const size_t header = 4 * (1 + dimensions);
  if (bytes.size() < header || bytes[3] != dimensions) return {};
  return {bytes.begin() + static_cast<std::ptrdiff_t>(header), bytes.end()};
}

/** Pictures from 0 to 1; none where a file is missing or does not fit the other. */
DataSplit readDigits(const std::string& folder, const char* name) {
  const std::string start = folder + "/" + name;
  const std::vector<unsigned char> pixels = readIdx(start + "-images-idx3-ubyte", 3), labels = readIdx(start + "-labels-idx1-ubyte", 1);
  DataSplit digits;
  if (labels.empty() || pixels.size() != labels.size() * kPixels) return digits;
  digits.count = labels.size();
  for (const unsigned char pixel : pixels) digits.inputs.push_back(static_cast<float>(pixel) / 255);
  digits.classes.assign(labels.begin(), labels.end());
  return digits;
}

DataSplit rowsOf(const DataSplit& all, size_t from, size_t to) {
  const auto part = [&](const auto& values, size_t row) {
    return std::vector(values.begin() + static_cast<std::ptrdiff_t>(from * row), values.begin() + static_cast<std::ptrdiff_t>(to * row));
  };
  DataSplit rows;
  rows.inputs = part(all.inputs, kPixels);
  rows.classes = part(all.classes, 1);
  rows.count = to - from;
  return rows;
}

/** From ± 1 / inputs, with which the workloads start, to ± 1 / √inputs, as layers are drawn in a project. */
void widenStart(Graph& graph) {
  for (Initializer& initializer : graph.initializers) {
    if (initializer.dims.size() < 2) continue;
    const float factor = std::sqrt(static_cast<float>(elementCount(initializer.dims, 1)));
    for (float& value : initializer.values) value *= factor;
  }
}

}  // namespace

void measureDigits(const Workload& workload, const std::string& folder, const Card& card) {
  TrainPlan plan = planOf(workload, 1);
  plan.precision = card.precision;
  plan.training = readDigits(folder, "train");
  DataSplit others = readDigits(folder, "t10k");
  if (others.count <= kTrained) {
    std::printf("{\"workload\":\"digits\",\"skipped\":\"no unpacked t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte in %s\"}\n", folder.c_str());
    return;
  }
  if (plan.training.count == 0) {
    plan.training = rowsOf(others, 0, kTrained);
    others = rowsOf(others, kTrained, others.count);
  }
  const size_t trained = plan.training.count;
  plan.validation = std::move(others);
  plan.metrics = {Metric::Accuracy};
  plan.lanes[0].learningRate = 0.05;
  plan.lanes[0].momentum = 0.9;
  plan.epochs = kMostEpochs;
  widenStart(plan.graph);

  double accuracy = 0;
  int64_t epoch = 0;
  const Rounds times = timeRounds(1, [&] {
    Trainer trainer(std::move(plan), &card.device);
    AdvanceLimit limit;
    limit.epochs = 1;
    for (Reason reason = Reason::Epochs; accuracy < kWanted && reason != Reason::Finished;) {
      const AdvanceReport report = trainer.advance(limit);
      for (const EpochRecord& record : report.epochs) {
        accuracy = record.validation->metrics[0];
        epoch = record.epoch;
      }
      reason = report.reason;
    }
  });
  std::printf("{\"workload\":\"digits\",\"lanes\":1,\"unit\":\"s\",\"%s\":%.4g,\"epochs\":%d,\"trainedOn\":%zu,\"accuracy\":%.4f}\n",
              accuracy < kWanted ? "withoutSuccess" : "median", times.median(), static_cast<int>(epoch), trained, accuracy);
  std::fflush(stdout);
}

}  // namespace deltalab::cuda::bench
