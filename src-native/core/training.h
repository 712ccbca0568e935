#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "epoch_records.h"
#include "graph.h"
#include "hyperparameters.h"
#include "metrics.h"
#include "precision.h"
#include "schedule.h"

namespace deltalab {

// The C++ side of src-main/engine/native.ts, which documents each field.

/** Samples as rows. Targets are values or, for cross-entropy, class indices. */
struct DataSplit {
  std::vector<float> inputs;
  std::vector<float> targets;
  std::vector<int64_t> classes;
  size_t count = 0;

  TargetRows targetsFrom(size_t row, size_t columns) const {
    if (!classes.empty()) return {nullptr, classes.data() + row};
    return {targets.data() + row * columns, nullptr};
  }
};

struct TrainPlan {
  Graph graph;
  OptimizerKind optimizer = OptimizerKind::Sgd;
  std::vector<LaneSettings> lanes;
  Schedule schedule;
  LossKind loss = LossKind::Mse;
  LossOptions lossOptions;
  DataSplit training;
  std::optional<DataSplit> validation;
  /** 0: the full batch. */
  int64_t batchSize = 0;
  bool shuffle = true;
  uint64_t seed = 0;
  int64_t epochs = 1;
  std::optional<double> targetLoss;
  /** Stops a lane after so many epochs whose loss (validation where there is one) is not below the best so far - minImprovement. */
  std::optional<int64_t> patience;
  double minImprovement = 0;
  /** Stops all lanes at the first step after so many seconds of training: the one rule that no second run repeats. */
  std::optional<double> maxSeconds;
  double divergenceFactor = 20;
  int threads = 0;
  Precision precision = Precision::Float32;
  std::vector<Metric> metrics;
  /** Unit of each target column, in which mae and rmse are given; empty: 1. */
  std::vector<double> targetScales;
};

enum class LaneState : uint8_t { Running, Finished, Diverged, Stopped, TargetReached, NoImprovement, TimeUp };
enum class Cause : uint8_t { None, NotFinite, Grown };
enum class Reason : uint8_t { Steps, Epochs, Time, Interrupted, Finished };

struct LaneStatus {
  LaneState state = LaneState::Running;
  double learningRate = 0;
  std::optional<int64_t> step;
  std::optional<int64_t> epoch;
  Cause cause = Cause::None;
  std::optional<double> loss;
  std::optional<int64_t> bestEpoch;
  std::optional<double> bestLoss;
};

struct AdvanceLimit {
  std::optional<int64_t> steps;
  std::optional<int64_t> epochs;
  std::optional<double> milliseconds;
};

struct AdvanceReport {
  Reason reason = Reason::Steps;
  int64_t step = 0;
  int64_t epoch = 0;
  int64_t sampleInEpoch = 0;
  int64_t samplesPerEpoch = 0;
  EpochRecords epochs;
  std::vector<double> batchLoss;
  std::vector<LaneStatus> lanes;
};

/** A float tensor that leaves the engine. */
struct NamedTensor {
  std::string name;
  Shape dims;
  std::vector<float> data;
};

struct Norms {
  std::string name;
  double weight = 0;
  double update = 0;
};

}  // namespace deltalab
