#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/trainer.h"
#include "fixtures.h"

namespace deltalab::testing {

/** Bits of everything a lane shows: its weights, and the figures of its epochs. */
template <class Records>
std::vector<uint64_t> traceOf(Trainer& trainer, const Records& records, int lane) {
  std::vector<uint64_t> trace;
  const auto addDouble = [&](double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    trace.push_back(bits);
  };
  for (const EpochRecord& record : records) {
    if (record.lane != lane) continue;
    addDouble(record.training.loss);
    for (double figure : record.training.metrics) addDouble(figure);
    if (record.validation) addDouble(record.validation->loss);
  }
  for (const NamedTensor& tensor : trainer.weights(lane)) {
    for (float value : tensor.data) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      trace.push_back(bits);
    }
  }
  if (const auto best = trainer.bestWeights(lane)) {
    for (const NamedTensor& tensor : *best) {
      for (float value : tensor.data) addDouble(static_cast<double>(value));
    }
  }
  return trace;
}

inline std::vector<EpochRecord> listOf(const EpochRecords& records) {
  std::vector<EpochRecord> list;
  for (const EpochRecord& record : records) list.push_back(record);
  return list;
}

inline std::vector<uint64_t> runToEnd(TrainPlan plan, int lane) {
  Trainer trainer(std::move(plan));
  const AdvanceReport report = trainer.advance({});
  return traceOf(trainer, report.epochs, lane);
}

inline TrainPlan linearPlan(double rate) {
  TrainPlan plan;
  plan.graph = network({3, 2}, "", 4);
  plan.lanes = {lane(rate)};
  plan.training = samples(40, 3, 2, false, 5);
  plan.batchSize = 10;
  plan.epochs = 50;
  plan.threads = 1;
  return plan;
}

/** smallPlan with batch normalisation and dropout after the first layer. */
inline TrainPlan droppingPlan(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  Graph& graph = plan.graph;
  Generator generator(7);
  for (const char* name : {"scale", "shift", "mean"}) graph.initializers.push_back(initializer(name, {7}, generator));
  graph.initializers.push_back(initializer("variance", {7}, generator, 0.5F, 2));
  const auto next = std::find_if(graph.nodes.begin(), graph.nodes.end(), [](const GraphNode& each) { return each.name == "linear2"; });
  next->inputs[0] = "drop.out";
  graph.nodes.insert(next, {node("norm", "BatchNormalization", {"act1.out", "scale", "shift", "mean", "variance"}), node("drop", "Dropout", {"norm.out"})});
  return plan;
}

inline Attribute list(const char* name, std::vector<int64_t> values) {
  Attribute attribute;
  attribute.name = name;
  attribute.kind = Attribute::Kind::Numbers;
  attribute.numbers.assign(values.begin(), values.end());
  return attribute;
}

/** A classifier of pictures [2, 6, 6] of 3 classes. */
inline Graph pictureNetwork() {
  Generator generator(5);
  Graph graph;
  graph.name = "pictures";
  graph.inputs = {{"x", {-1, 2, 6, 6}}};
  graph.initializers = {initializer("conv.weight", {4, 2, 3, 3}, generator), initializer("conv.bias", {4}, generator),
                        initializer("linear.weight", {3, 36}, generator), initializer("linear.bias", {3}, generator)};
  graph.nodes = {node("conv", "Conv", {"x", "conv.weight", "conv.bias"}, {list("pads", {1, 1, 1, 1})}),
                 node("act", "Relu", {"conv.out"}),
                 node("pool", "MaxPool", {"act.out"}, {list("kernel_shape", {2, 2}), list("strides", {2, 2})}),
                 node("flat", "Flatten", {"pool.out"}),
                 node("linear", "Gemm", {"flat.out", "linear.weight", "linear.bias"}, {numberAttribute("transB", 1)})};
  graph.outputs = {{"linear.out", {-1, 3}}};
  return graph;
}

inline TrainPlan picturePlan(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  plan.graph = pictureNetwork();
  plan.training = samples(20, 72, 3, true, 2);
  plan.validation.reset();
  return plan;
}

inline AdvanceLimit stepsOf(int64_t count) {
  AdvanceLimit limit;
  limit.steps = count;
  return limit;
}

}  // namespace deltalab::testing
