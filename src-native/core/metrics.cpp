#include "metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "errors.h"

namespace deltalab {

namespace {

constexpr Metric kMetrics[] = {Metric::Accuracy, Metric::Top3, Metric::Top5, Metric::Precision, Metric::Recall,
                               Metric::F1,       Metric::Auc,  Metric::Mae,  Metric::Rmse,      Metric::R2};

bool measuresErrors(Metric metric) { return metric == Metric::Mae || metric == Metric::Rmse || metric == Metric::R2; }
bool measuresRanks(Metric metric) { return metric == Metric::Top3 || metric == Metric::Top5; }
bool measuresClasses(Metric metric) {
  return metric == Metric::Precision || metric == Metric::Recall || metric == Metric::F1;
}

template <class T>
size_t largestOf(const T* values, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i) {
    if (values[i] > values[best]) best = i;
  }
  return best;
}

/** Place of the class among the outputs, 0 for the largest; of equal ones the first comes first. */
template <class T>
size_t rankOf(const T* y, size_t columns, size_t label) {
  size_t rank = 0;
  for (size_t i = 0; i < columns; ++i) {
    if (y[i] > y[label] || (y[i] == y[label] && i < label)) ++rank;
  }
  // A label whose output is no number is not among the largest.
  return y[label] == y[label] ? rank : columns;
}

}  // namespace

const char* metricName(Metric metric) {
  switch (metric) {
    case Metric::Accuracy: return "accuracy";
    case Metric::Top3: return "top-3";
    case Metric::Top5: return "top-5";
    case Metric::Precision: return "precision";
    case Metric::Recall: return "recall";
    case Metric::F1: return "f1";
    case Metric::Auc: return "auc";
    case Metric::Mae: return "mae";
    case Metric::Rmse: return "rmse";
    case Metric::R2: return "r2";
  }
  return "";
}

bool findMetric(const std::string& name, Metric& metric) {
  for (Metric candidate : kMetrics) {
    if (name == metricName(candidate)) {
      metric = candidate;
      return true;
    }
  }
  return false;
}

std::string metricNames() {
  std::string names;
  for (Metric metric : kMetrics) names += std::string(names.empty() ? "" : ", ") + metricName(metric);
  return names;
}

void Tally::clear() {
  rows = weight = loss = correct = top3 = top5 = absolute = 0;
  if (squares.empty() && hits.empty()) return;
  for (std::vector<double>* counts : {&squares, &hits, &said, &were}) std::fill(counts->begin(), counts->end(), 0.0);
}

void Tally::add(const Tally& other) {
  rows += other.rows;
  weight += other.weight;
  loss += other.loss;
  correct += other.correct;
  top3 += other.top3;
  top5 += other.top5;
  absolute += other.absolute;
  for (size_t i = 0; i < squares.size(); ++i) squares[i] += other.squares[i];
  for (size_t i = 0; i < hits.size(); ++i) {
    hits[i] += other.hits[i];
    said[i] += other.said[i];
    were[i] += other.were[i];
  }
}

Scoring::Scoring(LossKind loss, std::vector<Metric> metrics, size_t columns, LossOptions options, std::vector<double> scales)
    : loss_(&lossOf(loss)),
      metrics_(std::move(metrics)),
      columns_(columns),
      options_(std::move(options)),
      scales_(std::move(scales)) {
  if (scales_.empty()) scales_.assign(columns_, 1.0);
  const bool sound = scales_.size() == columns_ && std::all_of(scales_.begin(), scales_.end(), [](double scale) {
                       return std::isfinite(scale) && scale != 0;
                     });
  if (!sound) {
    const std::string reason = "one finite scale that is not 0 is needed for each of the " + std::to_string(columns_) + " outputs";
    throw EngineError("plan.setting", "The setting targetScales: " + reason,
                      {{"setting", std::string("targetScales")}, {"reason", reason}});
  }
  for (Metric metric : metrics_) {
    if ((measuresErrors(metric) && loss_->classes) || (measuresRanks(metric) && separate())) {
      throw EngineError("plan.metric",
                        std::string("The metric ") + metricName(metric) + " has no meaning with the loss " + loss_->name,
                        {{"metric", std::string(metricName(metric))}, {"loss", std::string(loss_->name)}});
    }
  }
  const LossIssue issue = checkOptions(*loss_, options_, columns_);
  if (!issue.option.empty()) {
    throw EngineError("plan.setting", "The setting " + issue.option + ": " + issue.reason,
                      {{"setting", issue.option}, {"reason", issue.reason}});
  }
  countsCorrect_ = has(Metric::Accuracy);
  countsRanks_ = std::any_of(metrics_.begin(), metrics_.end(), measuresRanks);
  countsClasses_ = std::any_of(metrics_.begin(), metrics_.end(), measuresClasses);
  countsDecisions_ = countsCorrect_ || countsRanks_ || countsClasses_;
  countsSquares_ = has(Metric::Rmse) || has(Metric::R2);
  countsErrors_ = countsSquares_ || has(Metric::Mae);
}

bool Scoring::has(Metric metric) const { return std::find(metrics_.begin(), metrics_.end(), metric) != metrics_.end(); }

void Scoring::checkOutput(const Shape& output, size_t rows) const {
  const bool fits = !output.empty() && output[0] == static_cast<int64_t>(rows) && elementCount(output, 1) == columns_ &&
                    (!loss_->classes || output.size() == 2);
  if (fits) return;
  throw EngineError("plan.output",
                    "The output of the network for " + std::to_string(rows) + " samples has the shape " + toText(output),
                    {{"shape", toText(output)}, {"loss", std::string(loss_->name)}});
}

Tally Scoring::emptyTally() const {
  Tally tally;
  if (countsSquares_) tally.squares.assign(columns_, 0.0);
  if (countsClasses_) tally.hits = tally.said = tally.were = std::vector<double>(columns_, 0.0);
  return tally;
}

/** Decisions of one row: the largest output where one class is right; the side of a threshold where each column decides for itself. */
template <class T>
void Scoring::measureClasses(const T* y, const float* d, const int64_t* label, Tally& tally) const {
  if (separate()) {
    const T threshold = loss_->kind == LossKind::BceLogits ? T(0) : T(0.5);
    for (size_t i = 0; i < columns_; ++i) {
      const bool said = y[i] > threshold;
      const bool was = d[i] > 0.5F;
      if (countsCorrect_) tally.correct += said == was ? 1 : 0;
      if (!countsClasses_) continue;
      tally.hits[i] += said && was ? 1 : 0;
      tally.said[i] += said ? 1 : 0;
      tally.were[i] += was ? 1 : 0;
    }
    return;
  }
  const size_t right = label ? static_cast<size_t>(*label) : largestOf(d, columns_);
  const size_t chosen = largestOf(y, columns_);
  if (countsCorrect_) tally.correct += chosen == right ? 1 : 0;
  if (countsRanks_) {
    const size_t rank = rankOf(y, columns_, right);
    tally.top3 += rank < 3 ? 1 : 0;
    tally.top5 += rank < 5 ? 1 : 0;
  }
  if (countsClasses_) {
    tally.hits[right] += chosen == right ? 1 : 0;
    tally.said[chosen] += 1;
    tally.were[right] += 1;
  }
}

template <class T>
void Scoring::measureRows(const LossRows<T>& rows, Tally& tally) const {
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = loss_->classes ? nullptr : rows.targets.values + row * columns_;
    if (countsDecisions_) measureClasses(y, d, loss_->classes ? rows.targets.classes + row : nullptr, tally);
    if (!countsErrors_) continue;
    for (size_t i = 0; i < columns_; ++i) {
      double output = static_cast<double>(y[i]);
      if (loss_->kind == LossKind::BceLogits) output = 1 / (1 + std::exp(-output));
      const double error = output - static_cast<double>(d[i]);
      tally.absolute += std::fabs(error * scales_[i]);
      if (countsSquares_) tally.squares[i] += error * error;
    }
  }
}

template void Scoring::measureRows<float>(const LossRows<float>&, Tally&) const;
template void Scoring::measureRows<double>(const LossRows<double>&, Tally&) const;

std::vector<double> Scoring::spread(const TargetRows& targets, size_t count) const {
  if (!targets.values) return {};
  std::vector<double> result(columns_, 0.0);
  for (size_t column = 0; column < columns_; ++column) {
    double mean = 0;
    for (size_t row = 0; row < count; ++row) mean += static_cast<double>(targets.values[row * columns_ + column]);
    mean /= static_cast<double>(count);
    for (size_t row = 0; row < count; ++row) {
      const double difference = static_cast<double>(targets.values[row * columns_ + column]) - mean;
      result[column] += difference * difference;
    }
  }
  return result;
}

/**
 * Mean over the classes, as scikit-learn's average='macro' with zero_division=0: over all that occur or were said where one class is
 * right, over all columns where each decides for itself (with one column: of the positive class).
 */
double Scoring::macro(const Tally& tally, Metric metric) const {
  const auto ratio = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  double sum = 0;
  double classes = 0;
  for (size_t i = 0; i < columns_; ++i) {
    if (!separate() && tally.said[i] + tally.were[i] == 0) continue;
    ++classes;
    if (metric == Metric::Precision) sum += ratio(tally.hits[i], tally.said[i]);
    else if (metric == Metric::Recall) sum += ratio(tally.hits[i], tally.were[i]);
    else sum += ratio(2 * tally.hits[i], tally.said[i] + tally.were[i]);
  }
  return ratio(sum, classes);
}

void Scoring::score(const Tally& tally, const std::vector<double>& spread, const float* outputs, const TargetRows& targets, size_t count,
                    Score& score) const {
  score.loss = tally.loss / tally.weight;
  score.metrics.resize(metrics_.size());
  const double area = ranks() ? areaUnderCurve(outputs, targets, count) : std::numeric_limits<double>::quiet_NaN();
  figures(tally, spread, area, score.metrics.data());
}

void Scoring::figures(const Tally& tally, const std::vector<double>& spread, double area, double* result) const {
  const double columns = static_cast<double>(columns_);
  for (Metric metric : metrics_) {
    switch (metric) {
      case Metric::Accuracy:
        *result++ = tally.correct / (tally.rows * (loss_->kind == LossKind::BceLogits ? columns : 1));
        break;
      case Metric::Top3: *result++ = tally.top3 / tally.rows; break;
      case Metric::Top5: *result++ = tally.top5 / tally.rows; break;
      case Metric::Precision:
      case Metric::Recall:
      case Metric::F1: *result++ = macro(tally, metric); break;
      case Metric::Auc: *result++ = area; break;
      case Metric::Mae: *result++ = tally.absolute / (tally.rows * columns); break;
      case Metric::Rmse: {
        double sum = 0;
        for (size_t i = 0; i < columns_; ++i) sum += tally.squares[i] * scales_[i] * scales_[i];
        *result++ = std::sqrt(sum / (tally.rows * columns));
        break;
      }
      case Metric::R2: {
        // Mean over the outputs of 1 - Σ(y-d)² / Σ(d-mean)²; a constant output counts 1 when met exactly, else 0 (as scikit-learn).
        double sum = 0;
        for (size_t i = 0; i < columns_; ++i) {
          if (spread[i] > 0) sum += 1 - tally.squares[i] / spread[i];
          else if (tally.squares[i] == 0) sum += 1;
          else if (std::isnan(tally.squares[i])) sum += tally.squares[i];
        }
        *result++ = sum / columns;
        break;
      }
    }
  }
}

}  // namespace deltalab
