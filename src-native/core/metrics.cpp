#include "metrics.h"

#include <algorithm>
#include <cmath>

#include "errors.h"

namespace deltalab {

namespace {

constexpr Metric kMetrics[] = {Metric::Accuracy, Metric::Mae, Metric::Rmse, Metric::R2};

template <class T>
size_t largestOf(const T* values, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i) {
    if (values[i] > values[best]) best = i;
  }
  return best;
}

/** Right decisions in one row: the class of the largest output; the side of the threshold where there is one output or bce. */
template <class T>
double correctIn(const T* y, const float* d, const int64_t* label, size_t columns, LossKind loss) {
  if (label) return largestOf(y, columns) == static_cast<size_t>(*label) ? 1 : 0;
  if (loss == LossKind::BceLogits) {
    double correct = 0;
    for (size_t i = 0; i < columns; ++i) correct += (y[i] > 0) == (d[i] > 0.5F) ? 1 : 0;
    return correct;
  }
  if (columns == 1) return (y[0] > T(0.5)) == (d[0] > 0.5F) ? 1 : 0;
  return largestOf(y, columns) == largestOf(d, columns) ? 1 : 0;
}

}  // namespace

const char* metricName(Metric metric) {
  switch (metric) {
    case Metric::Accuracy: return "accuracy";
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

void Tally::clear() {
  rows = loss = correct = absolute = 0;
  std::fill(squares.begin(), squares.end(), 0.0);
}

void Tally::add(const Tally& other) {
  rows += other.rows;
  loss += other.loss;
  correct += other.correct;
  absolute += other.absolute;
  for (size_t i = 0; i < squares.size(); ++i) squares[i] += other.squares[i];
}

Scoring::Scoring(LossKind loss, std::vector<Metric> metrics, size_t columns)
    : loss_(&lossOf(loss)), metrics_(std::move(metrics)), columns_(columns) {
  for (Metric metric : metrics_) {
    if (metric != Metric::Accuracy && loss_->classes) {
      throw EngineError("plan.metric",
                        std::string("The metric ") + metricName(metric) + " has no meaning with the loss " + loss_->name,
                        {{"metric", std::string(metricName(metric))}, {"loss", std::string(loss_->name)}});
    }
  }
  countsCorrect_ = has(Metric::Accuracy);
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
  return tally;
}

template <class T>
void Scoring::measure(const LossRows<T>& rows, Tally& tally) const {
  tally.rows += static_cast<double>(rows.rows);
  if (!countsCorrect_ && !countsErrors_) return;
  for (size_t row = 0; row < rows.rows; ++row) {
    const T* y = rows.outputs + row * rows.rowStride;
    const float* d = loss_->classes ? nullptr : rows.targets.values + row * columns_;
    if (countsCorrect_) {
      tally.correct += correctIn(y, d, loss_->classes ? rows.targets.classes + row : nullptr, columns_, loss_->kind);
    }
    if (!countsErrors_) continue;
    for (size_t i = 0; i < columns_; ++i) {
      double output = static_cast<double>(y[i]);
      // Errors of a classifier are those of its probabilities.
      if (loss_->kind == LossKind::BceLogits) output = 1 / (1 + std::exp(-output));
      const double error = output - static_cast<double>(d[i]);
      tally.absolute += std::fabs(error);
      if (countsSquares_) tally.squares[i] += error * error;
    }
  }
}

template void Scoring::measure<float>(const LossRows<float>&, Tally&) const;
template void Scoring::measure<double>(const LossRows<double>&, Tally&) const;

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

void Scoring::figures(const Tally& tally, const std::vector<double>& spread, std::vector<double>& result) const {
  result.clear();
  const double columns = static_cast<double>(columns_);
  for (Metric metric : metrics_) {
    if (metric == Metric::Accuracy) {
      result.push_back(tally.correct / (tally.rows * (loss_->kind == LossKind::BceLogits ? columns : 1)));
    } else if (metric == Metric::Mae) {
      result.push_back(tally.absolute / (tally.rows * columns));
    } else if (metric == Metric::Rmse) {
      double sum = 0;
      for (double square : tally.squares) sum += square;
      result.push_back(std::sqrt(sum / (tally.rows * columns)));
    } else {
      // Mean over the outputs of 1 - Σ(y-d)² / Σ(d-mean)²; a constant output counts 1 when met exactly, else 0 (as scikit-learn).
      double sum = 0;
      for (size_t i = 0; i < columns_; ++i) {
        if (spread[i] > 0) sum += 1 - tally.squares[i] / spread[i];
        else if (tally.squares[i] == 0) sum += 1;
        else if (std::isnan(tally.squares[i])) sum += tally.squares[i];
      }
      result.push_back(sum / columns);
    }
  }
}

}  // namespace deltalab
