#pragma once

#include <vector>

#include "device_scorer.h"
#include "model.h"
#include "objective.h"
#include "training.h"

namespace deltalab {

/** How far a pass over a split has come: it may be left after any piece, and gone on with later. */
struct EvaluationPass {
  const DataSplit* data = nullptr;
  /** Scoring::spread of the data. */
  const std::vector<double>* spread = nullptr;
  LaneSet lanes;
  /** Rows that are done. */
  size_t done = 0;
  std::vector<Tally> tallies;
  /** [lanes][count][columns], where a metric ranks all of them. */
  std::vector<float> outputs;
};

/** Forward passes over whole splits, in pieces of a fixed number of rows: losses and metrics, or the outputs themselves. */
class Evaluator {
 public:
  /** Rows of one forward pass. */
  static constexpr size_t kRows = 512;

  /** `device`: of a model that lives on one. */
  Evaluator(Model<float>& model, const Scoring& scoring, DeviceScorer* device = nullptr);

  /** Makes the programs that a split of this size needs, so that `step` does not. Throws as `step` does. */
  void prepare(size_t count);

  /** The data, their spread and the lanes' places must stay until the pass is over. */
  void begin(EvaluationPass& pass, const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes) const;
  /**
   * The next piece, of which there is at least one; false: it was the last. Weights must not change between the pieces. Throws
   * 'plan.output' when the network cannot take this number of rows.
   */
  bool step(EvaluationPass& pass);
  /** After the last piece: score of every lane that takes part, in `scores[lane]`. */
  void finish(const EvaluationPass& pass, std::vector<Score>& scores) const;
  /** A whole pass. */
  void evaluate(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes, std::vector<Score>& scores);

  /** Outputs of one lane, [count][output row]. Throws as `step` does. */
  std::vector<float> predict(int lane, const float* inputs, size_t count);

 private:
  /** A program for so many rows, whose output has them. */
  Program<float>& programFor(size_t rows);
  void copyRows(Program<float>& program, int lane, size_t rows, float* to) const;

  Model<float>& model_;
  const Scoring& scoring_;
  DeviceScorer* device_;
  Objective<float> objective_;
  /** Of `evaluate`, which may be asked for while another pass rests. */
  EvaluationPass whole_;
  std::vector<double> losses_;
  std::vector<unsigned char> only_;
};

}  // namespace deltalab
