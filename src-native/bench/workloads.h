#pragma once

#include <cstdint>
#include <vector>

#include "core/training.h"

namespace deltalab::bench {

/** Training of a chain of dense layers by plain SGD. */
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
  int lanes = 1;
};

const std::vector<Workload>& workloads();

/** The workload with random weights and samples, ready to be trained without end. */
TrainPlan planOf(const Workload& workload, int threads);

/** Multiply-adds, two operations each, of one sample's forward and backward; the first layer passes no gradient on. */
double operationsPerSample(const Workload& workload);

}  // namespace deltalab::bench
