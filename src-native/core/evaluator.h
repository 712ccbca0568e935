#pragma once

#include <chrono>
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
  /** Rows that are done, and rows that are asked for. */
  size_t done = 0;
  size_t asked = 0;
  std::vector<Tally> tallies;
  /** [lanes][count][columns], where a metric ranks all of them. */
  std::vector<float> outputs;
};

/**
 * Forward passes over whole splits, in pieces of a fixed number of rows: losses and metrics, or the outputs themselves. On a device several pieces are
 * asked for before they are waited for, so that it is never without work; no figure depends on how many.
 */
class Evaluator {
 public:
  /** Rows of one forward pass on the processor. */
  static constexpr size_t kRows = 512;
  /**
   * Rows of one on a device: more where values of a sample are few, so that there is work for all of it. Follows from a program of the network for some
   * samples, never from the number of lanes: the order of some sums does from the number of rows.
   */
  static size_t rowsOnDevice(const Program<float>& program, size_t samples);

  /** `device`: of a model that lives on one, with passes of `rows` rows. */
  Evaluator(Model<float>& model, const Scoring& scoring, DeviceScorer* device = nullptr, size_t rows = kRows);

  /** Makes the programs that a split of this size needs, so that `step` does not. Throws as `step` does. */
  void prepare(size_t count);

  /** The data, their spread and the lanes' places must stay until the pass is over. */
  void begin(EvaluationPass& pass, const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes) const;
  /**
   * The next piece (on a device: some), of which there is at least one; false: it was the last. Weights must not change between the pieces. Throws
   * 'plan.output' when the network cannot take this number of rows.
   */
  bool step(EvaluationPass& pass) {
    ask(pass);
    return take(pass);
  }
  /** The same in two, so that several devices can be asked before the first is waited for: `take` waits. What was asked for and not taken is asked for anew. */
  void ask(EvaluationPass& pass);
  bool take(EvaluationPass& pass);
  /** After the last piece: score of every lane that takes part, in `scores[lane]`. */
  void finish(const EvaluationPass& pass, Score* scores) const;
  /** A whole pass. */
  void evaluate(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes, Score* scores);

  /** Outputs of one lane, [count][output row]. Throws as `step` does. */
  std::vector<float> predict(int lane, const float* inputs, size_t count);

 private:
  Run runOf(const LaneSet& lanes);
  void askDevice(EvaluationPass& pass);
  /** Forward over the rows that come next, with what is wanted of their outputs in `pass`. */
  template <class Judge>
  void forward(EvaluationPass& pass, const Judge& judge);
  /** A program for so many rows, whose output has them. */
  Program<float>& programFor(size_t rows);
  void copyRows(Program<float>& program, int lane, size_t rows, float* to) const;

  Model<float>& model_;
  const Scoring& scoring_;
  DeviceScorer* device_;
  size_t rows_;
  /** Most pieces that are asked for before they are waited for; and of those that are, how many and since when. */
  size_t mostPieces_ = 1;
  size_t pieces_ = 0;
  std::chrono::steady_clock::time_point askedAt_;
  Objective<float> objective_;
  /** Of `evaluate`, which may be asked for while another pass rests. */
  EvaluationPass whole_;
  std::vector<double> losses_;
  std::vector<unsigned char> only_;
};

}  // namespace deltalab
