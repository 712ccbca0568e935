#pragma once

#include <memory>
#include <vector>

#include "dense_chain.h"
#include "model.h"
#include "objective.h"
#include "training.h"
#include "updater.h"

namespace deltalab {

/** Consecutive rows of the shuffled order, side by side in memory. */
struct Batch {
  const float* inputs = nullptr;
  TargetRows targets;
  size_t rows = 0;
  /** Rows of the data themselves, whose address always means the same values; otherwise gathered for this round. */
  bool stays = false;
};

/**
 * What one thread needs to train any one lane at a time: programs of one lane over memory of their own, or a chain where the network is
 * one (DenseChain). A lane's weights stay near the
 * core for as many steps as the lane is kept, and threads that train different lanes never wait for each other.
 */
class LaneRunner {
 public:
  /** For batches of `batch` rows, and one of `rest` rows at the end of an epoch (0: none). Throws what planning throws. */
  LaneRunner(Model<float>& model, size_t batch, size_t rest);

  /** Before the first step; batches have at most the rows given above. `validated`: rows of the validation data, 0: there are none. */
  void useScoring(const Scoring& scoring, size_t validated);
  /** Of whole batches, where the network is a small chain, whose steps take some microseconds only; null otherwise. */
  DenseChain* chain() { return fullChain_.get(); }
  /** Whether it can validate a lane: where there are not many rows, and steps are short. Otherwise an Evaluator does. */
  bool validates() const { return validation_ != nullptr; }
  const Operand<float>& output(size_t rows) { return programFor(rows).output(0); }

  /** The lane that the following calls are about. */
  void bind(int lane);
  /** Score of the lane on the validation data, bit for bit that of an Evaluator. `spread` is Scoring::spread of the data. */
  void validate(const DataSplit& data, const std::vector<double>& spread, Score& score);
  /** Tells the updater of a step of `chain`, whose gradients stay in their buffers. */
  void beginStep(Updater& updater) { updater.begin(lane_, nothing_); }
  /** Forward and loss, added to `tally`; returns the mean loss. */
  double forward(const Batch& batch, ThreadPool& pool, const RandomKey& random, Tally& tally);
  /** Backward and update after `forward` of the same batch. */
  void backward(const Batch& batch, ThreadPool& pool, const RandomKey& random, Updater& updater, const UpdateStep& step);

 private:
  Program<float>& programFor(size_t rows) { return rows == batch_ ? *full_ : *rest_; }
  DenseChain* chainFor(size_t rows) { return rows == batch_ ? fullChain_.get() : restChain_.get(); }

  Model<float>& model_;
  size_t batch_;
  int lane_ = -1;
  Workspace workspace_;
  std::unique_ptr<Program<float>> full_;
  /** Null when the batches fit the epoch. */
  std::unique_ptr<Program<float>> rest_;
  std::unique_ptr<DenseChain> fullChain_;
  std::unique_ptr<DenseChain> restChain_;
  std::unique_ptr<DenseChain> validation_;
  Tally tally_;
  AlignedBuffer<float> arena_;
  const Scoring* scoring_ = nullptr;
  std::unique_ptr<Objective<float>> objective_;
  std::vector<bool> nothing_;
};

}  // namespace deltalab
