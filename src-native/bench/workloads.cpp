#include "workloads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/random.h"

namespace deltalab::bench {

namespace {

std::vector<Workload> plainWorkloads() {
  return {
    // The regression of the lecture (L8): 1000 full-batch epochs, in milliseconds.
    {"W1", "ms", {1, 1}, "", LossKind::Mse, 80, 0, false, 1000, 0.1},
    // A small classifier in small batches: updates a second.
    {"W2", "updates/s", {2, 32, 32, 2}, "Tanh", LossKind::CrossEntropy, 1600, 16, true, 20, 0.05},
    // A digit classifier: samples a second.
    {"W3", "samples/s", {784, 256, 128, 10}, "Relu", LossKind::CrossEntropy, 6400, 64, true, 1, 0.01},
    // A convolution network for digits: samples a second.
    {"W4", "samples/s", {512, 128, 10}, "Relu", LossKind::CrossEntropy, 1280, 64, true, 1, 0.01, 1, {1, 28, 28},
     {{16, 5, 0, true}, {32, 5, 0, true}}},
    // Eight learning rates of W3 at once: samples a second, summed over the lanes.
    {"W5", "samples/s", {784, 256, 128, 10}, "Relu", LossKind::CrossEntropy, 1600, 64, true, 1, 0.01, 8},
    // A larger one, on coloured pictures: samples a second.
    {"W6", "samples/s", {4096, 10}, "Relu", LossKind::CrossEntropy, 256, 64, true, 1, 0.01, 1, {3, 32, 32},
     {{32, 3, 1, false}, {32, 3, 1, true}, {64, 3, 1, false}, {64, 3, 1, true}}},
  };
}

/** Pictures of digits read row by row, the last state classified. */
Workload recurrentWorkload(const char* name, const char* kind) {
  Workload workload{name, "samples/s", {128, 10}, "Relu", LossKind::CrossEntropy, 1280, 64, true, 1, 0.01};
  workload.recurrent = {{kind, 28, 28, 128}};
  workload.extra = true;
  return workload;
}

}  // namespace

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = [] {
    std::vector<Workload> list = plainWorkloads();
    // The same with batch normalisation before every activation.
    for (const auto& [plain, name] : {std::pair{"W3", "W3N"}, std::pair{"W6", "W6N"}}) {
      const std::string wanted = plain;
      Workload normalised = *std::find_if(list.begin(), list.end(), [&](const Workload& one) { return wanted == one.name; });
      normalised.name = name;
      normalised.normalised = normalised.extra = true;
      list.push_back(std::move(normalised));
    }
    list.push_back(recurrentWorkload("LSTM", "LSTM"));
    list.push_back(recurrentWorkload("GRU", "GRU"));
    list.push_back(recurrentWorkload("RNN", "RNN"));
    return list;
  }();
  return all;
}

namespace {

Initializer uniform(const std::string& name, Shape dims, int64_t inputs, Generator& generator) {
  Initializer initializer;
  initializer.name = name;
  initializer.dims = std::move(dims);
  initializer.values.resize(elementCount(initializer.dims));
  const float bound = 1.0F / static_cast<float>(inputs);
  generator.uniform(initializer.values.data(), initializer.values.size(), -bound, bound);
  return initializer;
}

Attribute list(const char* name, std::vector<double> values) {
  Attribute attribute;
  attribute.name = name;
  attribute.kind = Attribute::Kind::Numbers;
  attribute.numbers = std::move(values);
  return attribute;
}

/** Adds batch normalisation of a value with the first weights that PyTorch gives it; returns the normalised value. */
std::string addNormalisation(const std::string& value, int64_t channels, Graph& graph) {
  GraphNode node{value + ".norm", "BatchNormalization", {value}, {value + ".n"}, {}};
  for (const auto& [name, first] : {std::pair{"scale", 1.0F}, std::pair{"shift", 0.0F}, std::pair{"mean", 0.0F}, std::pair{"variance", 1.0F}}) {
    Initializer initializer;
    initializer.name = node.name + "." + name;
    initializer.dims = {channels};
    initializer.values.assign(static_cast<size_t>(channels), first);
    node.inputs.push_back(initializer.name);
    graph.initializers.push_back(std::move(initializer));
  }
  graph.nodes.push_back(node);
  return node.outputs[0];
}

/** Adds the convolutions of a workload; returns the value that the dense layers read. */
std::string addStages(const Workload& workload, Graph& graph, Generator& generator) {
  std::string value = "x";
  int64_t channels = workload.picture[0];
  for (size_t i = 0; i < workload.stages.size(); ++i) {
    const ConvStage& stage = workload.stages[i];
    const std::string name = "conv" + std::to_string(i + 1);
    const int64_t inputs = channels * stage.kernel * stage.kernel;
    graph.initializers.push_back(uniform(name + ".weight", {stage.channels, channels, stage.kernel, stage.kernel}, inputs, generator));
    graph.initializers.push_back(uniform(name + ".bias", {stage.channels}, inputs, generator));
    const double pad = static_cast<double>(stage.pad);
    graph.nodes.push_back({name, "Conv", {value, name + ".weight", name + ".bias"}, {name + ".y"}, {list("pads", {pad, pad, pad, pad})}});
    value = workload.normalised ? addNormalisation(name + ".y", stage.channels, graph) : name + ".y";
    graph.nodes.push_back({name + ".act", "Relu", {value}, {name + ".v"}, {}});
    value = name + ".v";
    if (stage.pooled) {
      graph.nodes.push_back({name + ".pool", "MaxPool", {value}, {name + ".p"}, {list("kernel_shape", {2, 2}), list("strides", {2, 2})}});
      value = name + ".p";
    }
    channels = stage.channels;
  }
  graph.nodes.push_back({"flatten", "Flatten", {value}, {"flat"}, {}});
  return "flat";
}

/** W, R and B of a layer have a block for each of them. */
int64_t gatesOf(const RecurrentStage& stage) { return std::string(stage.kind) == "LSTM" ? 4 : std::string(stage.kind) == "GRU" ? 3 : 1; }

/** Adds the recurrent layer of a workload; returns its last state. */
std::string addRecurrent(const RecurrentStage& stage, Graph& graph, Generator& generator) {
  const int64_t width = gatesOf(stage) * stage.hidden;
  graph.initializers.push_back(uniform("w", {1, width, stage.features}, stage.features, generator));
  graph.initializers.push_back(uniform("r", {1, width, stage.hidden}, stage.hidden, generator));
  graph.initializers.push_back(uniform("b", {1, 2 * width}, stage.hidden, generator));
  Attribute hidden, batchFirst, reset;
  hidden.name = "hidden_size";
  hidden.number = static_cast<double>(stage.hidden);
  batchFirst.name = "layout";
  batchFirst.number = 1;
  GraphNode node{"recurrent", stage.kind, {"x", "w", "r", "b"}, {"", "state"}, {hidden, batchFirst}};
  if (node.opType == "GRU") {
    // As PyTorch has it.
    reset.name = "linear_before_reset";
    reset.number = 1;
    node.attributes.push_back(reset);
  }
  graph.nodes.push_back(node);
  graph.nodes.push_back({"flatten", "Flatten", {"state"}, {"flat"}, {}});
  return "flat";
}

size_t featuresOf(const Workload& workload) {
  for (const RecurrentStage& stage : workload.recurrent) return static_cast<size_t>(stage.steps * stage.features);
  return workload.picture.empty() ? static_cast<size_t>(workload.sizes[0]) : elementCount(workload.picture);
}

}  // namespace

TrainPlan planOf(const Workload& workload, int threads) {
  Generator generator(1);
  TrainPlan plan;
  plan.graph.name = workload.name;
  Shape input = workload.picture.empty() ? Shape{workload.sizes[0]} : workload.picture;
  for (const RecurrentStage& stage : workload.recurrent) input = {stage.steps, stage.features};
  input.insert(input.begin(), -1);
  plan.graph.inputs = {{"x", input}};
  std::string value = workload.picture.empty() ? "x" : addStages(workload, plan.graph, generator);
  for (const RecurrentStage& stage : workload.recurrent) value = addRecurrent(stage, plan.graph, generator);
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    const std::string name = "linear" + std::to_string(i);
    const int64_t inputs = workload.sizes[i - 1], outputs = workload.sizes[i];
    plan.graph.initializers.push_back(uniform(name + ".weight", {outputs, inputs}, inputs, generator));
    plan.graph.initializers.push_back(uniform(name + ".bias", {outputs}, inputs, generator));
    Attribute transposed;
    transposed.name = "transB";
    transposed.number = 1;
    plan.graph.nodes.push_back({name, "Gemm", {value, name + ".weight", name + ".bias"}, {name + ".y"}, {transposed}});
    value = name + ".y";
    if (i + 1 == workload.sizes.size()) break;
    if (workload.normalised) value = addNormalisation(value, outputs, plan.graph);
    plan.graph.nodes.push_back({name + ".act", workload.activation, {value}, {name + ".v"}, {}});
    value = name + ".v";
  }
  plan.graph.outputs = {{value, {-1, workload.sizes.back()}}};

  LaneSettings lane;
  lane.learningRate = workload.learningRate;
  for (int i = 0; i < workload.lanes; ++i, lane.learningRate *= 0.9) plan.lanes.push_back(lane);
  plan.loss = workload.loss;
  plan.training.count = workload.samples;
  plan.training.inputs.resize(workload.samples * featuresOf(workload));
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
  // Only the first layer has no gradient to pass on.
  int passes = 2;
  Shape picture = workload.picture;
  for (const ConvStage& stage : workload.stages) {
    for (size_t i = 1; i < 3; ++i) picture[i] += 2 * stage.pad - stage.kernel + 1;
    const int64_t filter = picture[0] * stage.kernel * stage.kernel;
    sum += 2.0 * static_cast<double>(picture[1] * picture[2] * stage.channels * filter) * passes;
    passes = 3;
    picture[0] = stage.channels;
    for (size_t i = 1; i < 3 && stage.pooled; ++i) picture[i] /= 2;
  }
  for (const RecurrentStage& stage : workload.recurrent) {
    const double units = static_cast<double>(gatesOf(stage) * stage.hidden * stage.steps);
    sum += 2.0 * units * static_cast<double>(stage.features) * passes;
    passes = 3;
    sum += 2.0 * units * static_cast<double>(stage.hidden) * passes;
  }
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    sum += 2.0 * static_cast<double>(workload.sizes[i] * workload.sizes[i - 1]) * passes;
    passes = 3;
  }
  return sum;
}

}  // namespace deltalab::bench
