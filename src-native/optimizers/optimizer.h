#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../core/hyperparameters.h"

namespace deltalab {

constexpr size_t kMostSlots = 3;

/** The step of one lane. */
struct UpdateStep {
  const LaneSettings& settings;
  /** Learning rate of this step: that of the schedule, not settings.learningRate. */
  double rate;
  /** Updates of the lane, this one included: 1 is the first. */
  int64_t number;
};

/** Some values of one parameter of one lane. Every value is updated for itself, so that pieces of any size give equal bits. */
struct UpdateChunk {
  float* weights;
  /** Afterwards the direction of the step, from which its norm is taken (see OptimizerDefinition::directionTimesRate). */
  float* gradient;
  /** What the optimizer remembers of each weight; zero before the first step. Those it does not use are null. */
  float* slots[kMostSlots];
  size_t count;
};

/** An optimizer, with the formulas and the order of operations of torch.optim (2.13). One file per optimizer defines one of these. */
struct OptimizerDefinition {
  OptimizerKind kind;
  const char* name;
  /** How many values per weight it remembers with these settings. */
  size_t (*slots)(const LaneSettings&);
  void (*update)(const UpdateStep&, const UpdateChunk&);
  /** `gradient` becomes Δw / -rate; otherwise -Δw. */
  bool directionTimesRate;
};

const OptimizerDefinition& sgdOptimizer();
const OptimizerDefinition& adaGradOptimizer();
const OptimizerDefinition& rmsPropOptimizer();
const OptimizerDefinition& adamOptimizer();
const OptimizerDefinition& adamWOptimizer();
const OptimizerDefinition& adadeltaOptimizer();
const OptimizerDefinition& rpropOptimizer();

const std::vector<const OptimizerDefinition*>& allOptimizers();
const OptimizerDefinition& optimizerOf(OptimizerKind kind);
/** Null when there is none of this name. */
const OptimizerDefinition* findOptimizer(const std::string& name);

}  // namespace deltalab
