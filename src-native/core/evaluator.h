#pragma once

#include <vector>

#include "model.h"
#include "objective.h"
#include "training.h"

namespace deltalab {

/** Forward passes over whole splits, in pieces of a fixed number of rows: losses and metrics, or the outputs themselves. */
class Evaluator {
 public:
  /** Rows of one forward pass. */
  static constexpr size_t kRows = 512;

  Evaluator(Model<float>& model, const Scoring& scoring);

  /** Makes the programs that a split of this size needs, so that `evaluate` does not. Throws as `evaluate` does. */
  void prepare(size_t count);

  /**
   * Score of every lane that takes part, in `scores[lane]`. `spread` is Scoring::spread of the data. Throws 'plan.output' when the
   * network cannot take this number of rows.
   */
  void evaluate(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes, std::vector<Score>& scores);

  /** Outputs of one lane, [count][output row]. Throws as `evaluate` does. */
  std::vector<float> predict(int lane, const float* inputs, size_t count);

 private:
  /** A program for so many rows, whose output has them. */
  Program<float>& programFor(size_t rows);
  void copyRows(Program<float>& program, int lane, size_t rows, float* to) const;

  Model<float>& model_;
  const Scoring& scoring_;
  Objective<float> objective_;
  std::vector<Tally> tallies_;
  std::vector<double> losses_;
  std::vector<unsigned char> only_;
  /** [lanes][count][columns], where a metric ranks all of them. */
  std::vector<float> outputs_;
};

}  // namespace deltalab
