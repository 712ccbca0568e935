#include <algorithm>
#include <cmath>
#include <limits>

#include "metrics.h"

// Metrics that need the outputs of a whole split at once.

namespace deltalab {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Scored {
  double score;
  bool positive;
};

/** The share of pairs (positive, negative) in which the positive has the larger score; equal scores count half. */
double areaOf(std::vector<Scored>& scored) {
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) { return a.score < b.score; });
  double positives = 0;
  double negatives = 0;
  double wins = 0;
  for (size_t begin = 0; begin < scored.size();) {
    size_t end = begin;
    double positivesHere = 0;
    while (end < scored.size() && scored[end].score == scored[begin].score) positivesHere += scored[end++].positive ? 1 : 0;
    const double negativesHere = static_cast<double>(end - begin) - positivesHere;
    wins += positivesHere * (negatives + negativesHere / 2);
    positives += positivesHere;
    negatives += negativesHere;
    begin = end;
  }
  return positives > 0 && negatives > 0 ? wins / (positives * negatives) : kNaN;
}

}  // namespace

double Scoring::areaUnderCurve(const float* outputs, const TargetRows& targets, size_t count) const {
  for (size_t i = 0; i < count * columns_; ++i) {
    if (std::isnan(outputs[i])) return kNaN;
  }
  const bool softmax = loss_->kind == LossKind::CrossEntropy || loss_->kind == LossKind::KlDivergence;
  std::vector<double> largest(softmax ? count : 0), sums(softmax ? count : 0);
  for (size_t row = 0; row < largest.size(); ++row) {
    const float* z = outputs + row * columns_;
    largest[row] = static_cast<double>(*std::max_element(z, z + columns_));
    for (size_t i = 0; i < columns_; ++i) sums[row] += std::exp(static_cast<double>(z[i]) - largest[row]);
  }
  std::vector<Scored> scored(count);
  double sum = 0;
  double known = 0;
  for (size_t column = 0; column < columns_; ++column) {
    for (size_t row = 0; row < count; ++row) {
      const double z = static_cast<double>(outputs[row * columns_ + column]);
      scored[row].score = softmax ? std::exp(z - largest[row]) / sums[row] : z;
      const float* d = loss_->classes ? nullptr : targets.values + row * columns_;
      if (!d) scored[row].positive = targets.classes[row] == static_cast<int64_t>(column);
      else if (separate()) scored[row].positive = d[column] > 0.5F;
      else scored[row].positive = static_cast<size_t>(std::max_element(d, d + columns_) - d) == column;
    }
    const double area = areaOf(scored);
    if (std::isnan(area)) continue;
    sum += area;
    ++known;
  }
  return known > 0 ? sum / known : kNaN;
}

}  // namespace deltalab
