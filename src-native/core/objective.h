#pragma once

#include <vector>

#include "metrics.h"
#include "operator.h"

namespace deltalab {

/**
 * Runs the loss of all rows of a batch of one lane, adds it and the metrics to `tally`, and returns the mean loss; with `gradients` also
 * writes ∂loss/∂output. Both are [rows][columns].
 */
double addRows(const Scoring& scoring, const float* outputs, float* gradients, size_t rows, const TargetRows& targets, Tally& tally);

/** Runs the loss (and counts the metrics) of all lanes over the output of a program. Allocates only when it is made. */
template <class T>
class Objective {
 public:
  /** For batches of at most `maxRows` rows of `lanes` lanes. */
  Objective(const Scoring& scoring, int lanes, size_t maxRows);

  /**
   * Adds the batch to `tallies[lane]` and writes its mean loss to `losses[lane]`, of every lane that takes part; with `gradient` also
   * ∂loss/∂output. Rows are handled in pieces of a size that follows from their number, combined in order.
   */
  void run(Run& run, const Operand<T>& output, const TargetRows& targets, bool gradient, Tally* tallies, double* losses);

 private:
  static size_t pieceRows(size_t rows);

  const Scoring& scoring_;
  size_t maxPieces_;
  std::vector<Tally> pieces_;
};

extern template class Objective<float>;
extern template class Objective<double>;

}  // namespace deltalab
