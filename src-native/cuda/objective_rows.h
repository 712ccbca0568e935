#pragma once

#include "row_losses.h"

// What is computed of the rows of a batch by the threads of a block: losses, their gradients, and what the metrics count.

namespace deltalab::cuda {

/** Up to so many columns a row is a thread's; a longer one is shared by a warp. */
constexpr size_t kShortRow = 32;

/** The first of the largest; as on the processor, what is no number is never larger, and nothing is larger than it. */
template <int threads>
__device__ int chosenOf(const float* values, int columns, RowGroup<threads> group) {
  float most = -INFINITY;
  int place = columns;
  for (int i = group.own; i < columns; i += threads) {
    if (!(values[i] > most)) continue;
    most = values[i];
    place = i;
  }
  group.first(most, place);
  return place == columns || values[0] != values[0] ? 0 : place;
}

/** Adds what Scoring::measureClasses counts of a row. Counts are whole numbers, so that their order does not matter. */
template <int threads>
__device__ void countRow(const ObjectiveWork& w, int lane, const Row& row, RowGroup<threads> group) {
  unsigned long long* const counts = w.counts + static_cast<size_t>(lane) * w.layout().counts();
  unsigned long long* const ofClasses = counts + TallyLayout::kCounts;
  const auto add = [](unsigned long long* to, bool yes) {
    if (yes) atomicAdd(to, 1ULL);
  };
  if (w.counted.separate) {
    const float threshold = w.loss == LossKind::BceLogits ? 0.0F : 0.5F;
    unsigned right = 0;
    for (int i = group.own; i < row.columns; i += threads) {
      const bool said = row.y[i] > threshold, was = row.d[i] > 0.5F;
      right += said == was ? 1 : 0;
      if (!w.counted.classes) continue;
      add(ofClasses + i, said && was);
      add(ofClasses + row.columns + i, said);
      add(ofClasses + 2 * row.columns + i, was);
    }
    if (w.counted.correct) atomicAdd(counts + 1, static_cast<unsigned long long>(right));
    return;
  }
  const int right = row.d ? chosenOf(row.d, row.columns, group) : row.label, chosen = chosenOf(row.y, row.columns, group);
  int rank = 0;
  if (w.counted.ranks) {
    const float own = row.y[right];
    for (int i = group.own; i < row.columns; i += threads) rank += row.y[i] > own || (row.y[i] == own && i < right) ? 1 : 0;
    rank = group.sum(rank);
    if (own != own) rank = row.columns;
  }
  if (group.own != 0) return;
  add(counts + 1, w.counted.correct && chosen == right);
  add(counts + 2, w.counted.ranks && rank < 3);
  add(counts + 3, w.counted.ranks && rank < 5);
  if (!w.counted.classes) return;
  add(ofClasses + right, chosen == right);
  add(ofClasses + row.columns + chosen, true);
  add(ofClasses + 2 * row.columns + right, true);
}

inline __device__ double errorOf(const ObjectiveWork& w, const Row& row, int column) {
  double output = static_cast<double>(row.y[column]);
  if (w.loss == LossKind::BceLogits) output = 1 / (1 + exp(-output));
  return output - static_cast<double>(row.d[column]);
}

/** What a row adds to the loss of `w`, and its gradient. */
template <int threads>
__device__ double lossOfRow(const ObjectiveWork& w, const Row& row, RowGroup<threads> group) {
  const double each = 1.0 / static_cast<double>(w.columns);
  switch (w.loss) {
    case LossKind::Mse: return ErrorLoss<SquaredError>{{}, 2 * each}.run(row, group);
    case LossKind::HalfSquared: return ErrorLoss<SquaredError>{{}, 1}.run(row, group);
    case LossKind::Absolute: return ErrorLoss<AbsoluteError>{{}, each}.run(row, group);
    case LossKind::Huber: return ErrorLoss<HuberError>{{w.delta}, each}.run(row, group);
    case LossKind::BceLogits: return BceLogits{}.run(row, group);
    case LossKind::CrossEntropy: return CrossEntropy{w.labelSmoothing, w.classWeights}.run(row, group);
    case LossKind::KlDivergence: return KlDivergence{}.run(row, group);
    case LossKind::Hinge: return Hinge{w.margin}.run(row, group);
  }
  return 0;
}

/**
 * Of `rows` rows of a lane, given by `rowAt`, those that are this thread's: adds their losses to `sum` and their errors to `absolute`, where they are
 * counted, and writes their gradients.
 */
template <int threads, class RowAt>
__device__ void addRows(const ObjectiveWork& w, int lane, size_t rows, const RowAt& rowAt, double& sum, double& absolute) {
  const RowGroup<threads> group{static_cast<int>(threadIdx.x % threads)};
  const bool counts = (w.counted.correct || w.counted.ranks || w.counted.classes) && w.active[lane] != 0;
  for (size_t at = threadIdx.x / threads; at < rows; at += kThreads / threads) {
    const Row row = rowAt(at);
    if (counts) countRow(w, lane, row, group);
    if (w.counted.errors) {
      for (int i = group.own; i < row.columns; i += threads) absolute += fabs(errorOf(w, row, i) * w.scales[i]);
    }
    sum += lossOfRow(w, row, group);
  }
}

}  // namespace deltalab::cuda
