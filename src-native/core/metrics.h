#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../losses/loss.h"
#include "shape.h"

namespace deltalab {

enum class Metric { Accuracy, Mae, Rmse, R2 };

const char* metricName(Metric metric);
/** False when there is none of this name. */
bool findMetric(const std::string& name, Metric& metric);

/** What is counted while rows pass by; the metrics follow from it. All in double. */
struct Tally {
  double rows = 0;
  /** Sum of the rows' losses. */
  double loss = 0;
  /** Right decisions: rows, or elements for bce-logits. */
  double correct = 0;
  /** Σ |y - d|. */
  double absolute = 0;
  /** Σ (y - d)² by column; empty unless rmse or r2 is asked for. */
  std::vector<double> squares;

  void clear();
  void add(const Tally& other);
};

/** A loss with the metrics of a plan: what to count, and how to turn the counts into figures. */
class Scoring {
 public:
  /** Throws 'plan.metric' when a metric has no meaning for the loss. */
  Scoring(LossKind loss, std::vector<Metric> metrics, size_t columns);

  const LossDefinition& loss() const { return *loss_; }
  const std::vector<Metric>& metrics() const { return metrics_; }
  size_t columns() const { return columns_; }
  Tally emptyTally() const;
  /**
   * Throws 'plan.output' unless the output of a program for `rows` samples has that many rows of these columns: a graph with a fixed
   * number of rows inside fits some batches only.
   */
  void checkOutput(const Shape& output, size_t rows) const;

  /** Counts rows that the loss has just been computed of. */
  template <class T>
  void measure(const LossRows<T>& rows, Tally& tally) const;

  /** Spread of each column around its mean, Σ (d - mean)², of a whole split: the denominator of r2. */
  std::vector<double> spread(const TargetRows& targets, size_t count) const;

  /** Figures in the order of metrics(). `spread` is of the rows that were counted. */
  void figures(const Tally& tally, const std::vector<double>& spread, std::vector<double>& result) const;

 private:
  bool has(Metric metric) const;

  const LossDefinition* loss_;
  std::vector<Metric> metrics_;
  size_t columns_;
  bool countsCorrect_;
  bool countsErrors_;
  bool countsSquares_;
};

}  // namespace deltalab
