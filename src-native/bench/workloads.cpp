#include "workloads.h"

#include "core/random.h"

namespace deltalab::bench {

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all{
    // The regression of the lecture (L8): 1000 full-batch epochs, in milliseconds.
    {"W1", "ms", {1, 1}, "", LossKind::Mse, 80, 0, false, 1000, 0.1},
    // A small classifier in small batches: updates a second.
    {"W2", "updates/s", {2, 32, 32, 2}, "Tanh", LossKind::CrossEntropy, 1600, 16, true, 20, 0.05},
    // A digit classifier: samples a second.
    {"W3", "samples/s", {784, 256, 128, 10}, "Relu", LossKind::CrossEntropy, 6400, 64, true, 1, 0.01},
    // Eight learning rates of W3 at once: samples a second, summed over the lanes.
    {"W5", "samples/s", {784, 256, 128, 10}, "Relu", LossKind::CrossEntropy, 1600, 64, true, 1, 0.01, 8},
};
  return all;
}

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
  for (int i = 0; i < workload.lanes; ++i, lane.learningRate *= 0.9) plan.lanes.push_back(lane);
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

double operationsPerSample(const Workload& workload) {
  double sum = 0;
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    sum += 2.0 * static_cast<double>(workload.sizes[i] * workload.sizes[i - 1]) * (i == 1 ? 2 : 3);
  }
  return sum;
}

}  // namespace deltalab::bench
