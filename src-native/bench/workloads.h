#pragma once

#include <cstdint>
#include <vector>

#include "core/training.h"

namespace deltalab::bench {

/** A convolution, then Relu and perhaps a 2 × 2 max-pool. */
struct ConvStage {
  int64_t channels, kernel, pad;
  bool pooled;
};

/** A recurrent layer over a sequence of vectors, whose last state goes on. */
struct RecurrentStage {
  const char* kind;
  int64_t steps, features, hidden;
};

/** Training of a chain of dense layers, perhaps after convolutions or a recurrent layer, by plain SGD. */
struct Workload {
  const char* name;
  const char* unit;
  /** Features of the samples and of every dense layer; with convolutions the first is what they give. */
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
  /** [channels, height, width] of a sample, where there are convolutions. */
  Shape picture{};
  std::vector<ConvStage> stages{};
  /** Batch normalisation before every activation. */
  bool normalised = false;
  std::vector<RecurrentStage> recurrent{};
  /** Only measured where it is asked for. */
  bool extra = false;
};

const std::vector<Workload>& workloads();

/** The workload with random weights and samples, ready to be trained without end. */
TrainPlan planOf(const Workload& workload, int threads);

/** Multiply-adds, two operations each, of one sample's forward and backward; the first layer passes no gradient on. */
double operationsPerSample(const Workload& workload);

}  // namespace deltalab::bench
