#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "../losses/loss.h"
#include "epoch_records.h"
#include "shape.h"

namespace deltalab {

enum class Metric { Accuracy, Top3, Top5, Precision, Recall, F1, Auc, Mae, Rmse, R2 };

const char* metricName(Metric metric);
/** False when there is none of this name. */
bool findMetric(const std::string& name, Metric& metric);
/** Names of all metrics, for messages. */
std::string metricNames();

/** What is counted while rows pass by; the metrics follow from it. All in double. */
struct Tally {
  double rows = 0;
  /** Sum of the rows' weights, by which the loss is divided. */
  double weight = 0;
  /** Weighted sum of the rows' losses. */
  double loss = 0;
  /** Right decisions: rows, or elements for bce-logits. */
  double correct = 0;
  /** Rows whose class is among the 3 and the 5 largest outputs. */
  double top3 = 0;
  double top5 = 0;
  /** Σ |y - d|, in the units of the data. */
  double absolute = 0;
  /** Σ (y - d)² by column; empty unless rmse or r2 is asked for. */
  std::vector<double> squares;
  /** By column, how often it was right to say it, how often it was said and how often it was so; empty unless asked for. */
  std::vector<double> hits, said, were;

  void clear();
  void add(const Tally& other);
};

/** What a Scoring counts. */
struct Counted {
  bool correct = false, ranks = false, classes = false, errors = false, squares = false;
  /** Every column decides for itself. */
  bool separate = false;
};

/** A loss with the metrics of a plan: what to count, and how to turn the counts into figures. */
class Scoring {
 public:
  /**
   * `scales`: unit of each column, in which mae and rmse are given; empty: 1. Throws 'plan.metric' when a metric has no meaning for the
   * loss, 'plan.setting' when an option of the loss has none.
   */
  Scoring(LossKind loss, std::vector<Metric> metrics, size_t columns, LossOptions options = {}, std::vector<double> scales = {});

  const LossDefinition& loss() const { return *loss_; }
  const LossOptions& options() const { return options_; }
  const std::vector<Metric>& metrics() const { return metrics_; }
  size_t columns() const { return columns_; }
  const std::vector<double>& scales() const { return scales_; }
  Counted counted() const { return {countsCorrect_, countsRanks_, countsClasses_, countsErrors_, countsSquares_, separate()}; }
  Tally emptyTally() const;
  /**
   * Throws 'plan.output' unless the output of a program for `rows` samples has that many rows of these columns: a graph with a fixed
   * number of rows inside fits some batches only.
   */
  void checkOutput(const Shape& output, size_t rows) const;

  /** Sum of the weights of rows. */
  double weightOf(const TargetRows& targets, size_t rows) const { return deltalab::weightOf(*loss_, targets, rows, options_); }

  /** Counts rows that the loss has just been computed of. */
  template <class T>
  void measure(const LossRows<T>& rows, Tally& tally) const {
    tally.rows += static_cast<double>(rows.rows);
    tally.weight += weightOf(rows.targets, rows.rows);
    if (countsDecisions_ || countsErrors_) measureRows(rows, tally);
  }

  /** Spread of each column around its mean, Σ (d - mean)², of a whole split: the denominator of r2. */
  std::vector<double> spread(const TargetRows& targets, size_t count) const;

  /** Whether a metric needs the outputs of the whole split at once: such a one has no value (NaN) while training. */
  bool ranks() const { return has(Metric::Auc); }

  /**
   * Figures in the order of metrics(), written to `result`. `spread` is of the rows that were counted; `area` is areaUnderCurve of all outputs, NaN where they
   * are not at hand.
   */
  void figures(const Tally& tally, const std::vector<double>& spread, double area, double* result) const;

  /** Loss and figures of a whole split; `outputs` [count][columns] are read by metrics that rank them, and may be null otherwise. */
  void score(const Tally& tally, const std::vector<double>& spread, const float* outputs, const TargetRows& targets, size_t count,
             Score& score) const;

  /**
   * Area under the ROC curve of outputs [count][columns], exact by ranks with ties counting half. One column, and each column of bce-logits:
   * positive is a target above 0.5. Several classes: each against the rest by its probability (softmax; outputs as they are where the
   * loss has none). Mean over the columns that have both positives and negatives; NaN when none has, or an output is no number.
   */
  double areaUnderCurve(const float* outputs, const TargetRows& targets, size_t count) const;

 private:
  bool has(Metric metric) const;
  /** Every column decides for itself, rather than the largest one for all. */
  bool separate() const { return loss_->kind == LossKind::BceLogits || (!loss_->classes && columns_ == 1); }
  template <class T>
  void measureRows(const LossRows<T>& rows, Tally& tally) const;
  template <class T>
  void measureClasses(const T* y, const float* d, const int64_t* label, Tally& tally) const;
  double macro(const Tally& tally, Metric metric) const;

  const LossDefinition* loss_;
  std::vector<Metric> metrics_;
  size_t columns_;
  LossOptions options_;
  /** Units of the columns. */
  std::vector<double> scales_;
  bool countsCorrect_;
  bool countsRanks_;
  bool countsClasses_;
  /** Any of these three. */
  bool countsDecisions_;
  bool countsErrors_;
  bool countsSquares_;
};

}  // namespace deltalab
