#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/random.h"
#include "core/trainer.h"
#include "peak.h"

// deltalab_bench [W1] [W2] [W3]: the workloads on 1 and 2 threads, one JSON object per line.
// The ceiling is the time that the multiply-adds of the products alone would take at the processor's measured peak.

namespace deltalab::bench {

namespace {

struct Workload {
  const char* name;
  const char* unit;
  std::vector<int64_t> sizes;
  const char* activation;
  LossKind loss;
  size_t samples;
  int64_t batch;
  bool shuffle;
  /** Epochs of one round. */
  int64_t epochs;
  double learningRate;
};

const Workload kWorkloads[] = {
    // The regression of the lecture (L8): 1000 full-batch epochs, in milliseconds.
    {"W1", "ms", {1, 1}, "", LossKind::Mse, 80, 0, false, 1000, 0.1},
    // A small classifier in small batches: updates a second.
    {"W2", "updates/s", {2, 32, 32, 2}, "Tanh", LossKind::CrossEntropy, 1600, 16, true, 20, 0.05},
    // A digit classifier: samples a second.
    {"W3", "samples/s", {784, 256, 128, 10}, "Relu", LossKind::CrossEntropy, 6400, 64, true, 1, 0.01},
};

TrainPlan planOf(const Workload& workload, int threads) {
  Generator generator(1);
  TrainPlan plan;
  plan.graph.name = workload.name;
  plan.graph.inputs = {{"x", {-1, workload.sizes[0]}}};
  std::string value = "x";
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    const std::string name = "linear" + std::to_string(i);
    const float bound = 1.0F / static_cast<float>(workload.sizes[i - 1]);
    for (const bool weight : {true, false}) {
      Initializer initializer;
      initializer.name = name + (weight ? ".weight" : ".bias");
      initializer.dims = weight ? Shape{workload.sizes[i], workload.sizes[i - 1]} : Shape{workload.sizes[i]};
      initializer.values.resize(elementCount(initializer.dims));
      generator.uniform(initializer.values.data(), initializer.values.size(), -bound, bound);
      plan.graph.initializers.push_back(std::move(initializer));
    }
    Attribute transposed;
    transposed.name = "transB";
    transposed.number = 1;
    plan.graph.nodes.push_back({name, "Gemm", {value, name + ".weight", name + ".bias"}, {name + ".y"}, {transposed}});
    value = name + ".y";
    if (i + 1 == workload.sizes.size()) break;
    plan.graph.nodes.push_back({name + ".act", workload.activation, {value}, {name + ".v"}, {}});
    value = name + ".v";
  }
  plan.graph.outputs = {{value, {-1, workload.sizes.back()}}};

  LaneSettings lane;
  lane.learningRate = workload.learningRate;
  plan.lanes = {lane};
  plan.loss = workload.loss;
  plan.training.count = workload.samples;
  plan.training.inputs.resize(workload.samples * static_cast<size_t>(workload.sizes[0]));
  generator.rand(plan.training.inputs.data(), plan.training.inputs.size());
  const size_t outputs = static_cast<size_t>(workload.sizes.back());
  for (size_t i = 0; i < workload.samples; ++i) {
    if (workload.loss == LossKind::CrossEntropy) plan.training.classes.push_back(generator.next() % outputs);
    else plan.training.targets.push_back(1 + 2 * plan.training.inputs[i]);
  }
  plan.batchSize = workload.batch;
  plan.shuffle = workload.shuffle;
  plan.seed = 1;
  plan.epochs = int64_t{1} << 40;
  plan.divergenceFactor = 1e9;
  plan.threads = threads;
  return plan;
}

/** Multiply-adds, two operations each, of one sample's forward and backward; the first layer passes no gradient on. */
double operationsPerSample(const Workload& workload) {
  double sum = 0;
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    sum += 2.0 * static_cast<double>(workload.sizes[i] * workload.sizes[i - 1]) * (i == 1 ? 2 : 3);
  }
  return sum;
}

void measure(const Workload& workload, int threads, double peak) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 15;
  Trainer trainer(planOf(workload, threads));
  AdvanceLimit limit;
  limit.epochs = workload.epochs;
  trainer.advance(limit);  // warms up: caches, threads, epoch 0
  std::vector<double> seconds;
  int64_t steps = 0;
  for (int round = 0; round < kRounds; ++round) {
    const int64_t before = trainer.progress();
    const Clock::time_point start = Clock::now();
    trainer.advance(limit);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    steps = trainer.progress() - before;
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  const double median = seconds[kRounds / 2];
  const double samples = static_cast<double>(workload.samples) * static_cast<double>(workload.epochs);
  double figure = median * 1e3;
  if (std::strcmp(workload.unit, "updates/s") == 0) figure = static_cast<double>(steps) / median;
  if (std::strcmp(workload.unit, "samples/s") == 0) figure = samples / median;
  const double fraction = samples * operationsPerSample(workload) / peak / median;
  std::printf("{\"workload\":\"%s\",\"threads\":%d,\"unit\":\"%s\",\"median\":%.6g,\"fractionOfCeiling\":%.4g}\n",
              workload.name, threads, workload.unit, figure, fraction);
  std::fflush(stdout);
}

int run(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const bool known = std::any_of(std::begin(kWorkloads), std::end(kWorkloads),
                                   [&](const Workload& workload) { return std::strcmp(workload.name, arguments[i]) == 0; });
    if (!known) {
      std::fprintf(stderr, "There is no workload %s. Known: W1, W2, W3.\n", arguments[i]);
      return 2;
    }
  }
  for (const int threads : {1, 2}) {
    const double peak = peakFlops(threads);
    for (const Workload& workload : kWorkloads) {
      bool wanted = count == 1;
      for (int i = 1; i < count; ++i) wanted = wanted || std::strcmp(workload.name, arguments[i]) == 0;
      if (wanted) measure(workload, threads, peak);
    }
  }
  return 0;
}

}  // namespace

}  // namespace deltalab::bench

int main(int count, char** arguments) { return deltalab::bench::run(count, arguments); }
