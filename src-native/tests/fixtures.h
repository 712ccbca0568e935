#pragma once

#include <string>
#include <vector>

#include "core/random.h"
#include "core/training.h"

namespace deltalab::testing {

inline Attribute numberAttribute(const std::string& name, double value) {
  Attribute attribute;
  attribute.name = name;
  attribute.number = value;
  return attribute;
}

inline GraphNode node(const std::string& name, const std::string& opType, std::vector<std::string> inputs,
                      std::vector<Attribute> attributes = {}) {
  return {name, opType, std::move(inputs), {name + ".out"}, std::move(attributes)};
}

/** Uniform values in [lo, hi). */
inline Initializer initializer(const std::string& name, Shape dims, Generator& generator, float lo = -1, float hi = 1) {
  Initializer result;
  result.name = name;
  result.dims = std::move(dims);
  result.values.resize(elementCount(result.dims));
  generator.uniform(result.values.data(), result.values.size(), lo, hi);
  return result;
}

inline Initializer constant(const std::string& name, std::vector<int64_t> values) {
  Initializer result;
  result.name = name;
  result.dims = {static_cast<int64_t>(values.size())};
  result.integer = true;
  result.integers = std::move(values);
  return result;
}

/** A chain of Linear layers, each but the last followed by `activation`. */
inline Graph network(const std::vector<int64_t>& sizes, const std::string& activation, uint64_t seed) {
  Generator generator(seed);
  Graph graph;
  graph.name = "network";
  graph.inputs = {{"x", {-1, sizes[0]}}};
  std::string value = "x";
  for (size_t i = 1; i < sizes.size(); ++i) {
    const std::string name = "linear" + std::to_string(i);
    graph.initializers.push_back(initializer(name + ".weight", {sizes[i], sizes[i - 1]}, generator, -0.5F, 0.5F));
    graph.initializers.push_back(initializer(name + ".bias", {sizes[i]}, generator, -0.5F, 0.5F));
    graph.nodes.push_back(node(name, "Gemm", {value, name + ".weight", name + ".bias"}, {numberAttribute("transB", 1)}));
    value = name + ".out";
    if (i + 1 < sizes.size()) {
      graph.nodes.push_back(node("act" + std::to_string(i), activation, {value}));
      value = "act" + std::to_string(i) + ".out";
    }
  }
  graph.outputs = {{value, {-1, sizes.back()}}};
  return graph;
}

/** Random inputs; classes that follow from them (so that there is something to learn), or smooth targets. */
inline DataSplit samples(size_t count, size_t inputs, size_t outputs, bool classes, uint64_t seed) {
  Generator generator(seed);
  DataSplit split;
  split.count = count;
  split.inputs.resize(count * inputs);
  generator.uniform(split.inputs.data(), split.inputs.size(), -1, 1);
  for (size_t row = 0; row < count; ++row) {
    const float* x = split.inputs.data() + row * inputs;
    if (classes) {
      float sum = 0;
      for (size_t i = 0; i < inputs; ++i) sum += x[i];
      split.classes.push_back(static_cast<int64_t>((sum + static_cast<float>(inputs)) * 37) % static_cast<int64_t>(outputs));
    } else {
      for (size_t i = 0; i < outputs; ++i) split.targets.push_back(x[i % inputs] * x[(i + 1) % inputs] + 0.1F);
    }
  }
  return split;
}

inline LaneSettings lane(double learningRate, double momentum = 0, bool nesterov = false, double weightDecay = 0) {
  LaneSettings settings;
  settings.learningRate = learningRate;
  settings.momentum = momentum;
  settings.nesterov = nesterov;
  settings.weightDecay = weightDecay;
  return settings;
}

/** A classifier 5-7-6-3 on 53 samples in batches of 8 (so the last is short), with validation. */
inline TrainPlan smallPlan(std::vector<LaneSettings> lanes) {
  TrainPlan plan;
  plan.graph = network({5, 7, 6, 3}, "Tanh", 1);
  plan.lanes = std::move(lanes);
  plan.loss = LossKind::CrossEntropy;
  plan.training = samples(53, 5, 3, true, 2);
  plan.validation = samples(21, 5, 3, true, 3);
  plan.batchSize = 8;
  plan.shuffle = true;
  plan.seed = 11;
  plan.epochs = 6;
  plan.divergenceFactor = 1e4;
  plan.threads = 1;
  plan.metrics = {Metric::Accuracy};
  return plan;
}

}  // namespace deltalab::testing
