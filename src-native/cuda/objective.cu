#include "backend.h"
#include "row_losses.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

constexpr size_t kPiece = ObjectiveWork::kPiece;

/** Of `place` in a piece of a lane. */
__device__ double& partOf(const ObjectiveWork& w, size_t piece, int lane, size_t place) {
  return w.scratch[(piece * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)) * w.layout().sums() + place];
}

/** Sums of the weights of the classes of rows: a block a piece. */
__global__ void __launch_bounds__(kThreads) weightsKernel(ObjectiveWork w) {
  static_assert(kPiece == kThreads, "a thread a row");
  const size_t row = blockIdx.x * kPiece + threadIdx.x;
  const double sum = blockSum(row < w.rows ? static_cast<double>(w.classWeights[w.classes[row]]) : 0.0);
  if (threadIdx.x == 0) w.weights()[blockIdx.x] = sum;
}

__device__ double weightOf(const ObjectiveWork& w, size_t piece) {
  if (w.classWeights) return w.weights()[piece];
  return static_cast<double>((piece + 1) * kPiece < w.rows ? kPiece : w.rows - piece * kPiece);
}

/** Of all rows. */
__device__ double weightOf(const ObjectiveWork& w) {
  if (!w.classWeights) return static_cast<double>(w.rows);
  double sum = 0;
  for (size_t piece = 0; piece < w.pieces(); ++piece) sum += weightOf(w, piece);
  return sum;
}

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

__device__ double errorOf(const ObjectiveWork& w, const Row& row, int column) {
  double output = static_cast<double>(row.y[column]);
  if (w.loss == LossKind::BceLogits) output = 1 / (1 + exp(-output));
  return output - static_cast<double>(row.d[column]);
}

__device__ Row rowOf(const ObjectiveWork& w, int lane, size_t row, double scale) {
  const size_t at = static_cast<size_t>(lane) * w.laneStride + row * w.rowStride;
  return {w.outputs + at,
          w.gradients ? w.gradients + at : nullptr,
          w.values ? w.values + row * w.columns : nullptr,
          w.classes ? static_cast<int>(w.classes[row]) : 0,
          static_cast<int>(w.columns),
          scale};
}

/** A block a piece of rows of a lane, `threads` of it a row. */
template <class Loss, int threads>
__global__ void __launch_bounds__(kThreads) objectiveKernel(ObjectiveWork w, Loss loss) {
  const int lane = static_cast<int>(blockIdx.y);
  const size_t piece = blockIdx.x, end = (piece + 1) * kPiece < w.rows ? (piece + 1) * kPiece : w.rows;
  const double scale = 1.0 / weightOf(w);
  const RowGroup<threads> group{static_cast<int>(threadIdx.x % threads)};
  const bool counts = (w.counted.correct || w.counted.ranks || w.counted.classes) && w.active[lane] != 0;
  double sum = 0, absolute = 0;
  for (size_t at = piece * kPiece + threadIdx.x / threads; at < end; at += kThreads / threads) {
    const Row row = rowOf(w, lane, at, scale);
    if (counts) countRow(w, lane, row, group);
    if (w.counted.errors) {
      for (int i = group.own; i < row.columns; i += threads) absolute += fabs(errorOf(w, row, i) * w.scales[i]);
    }
    sum += loss.run(row, group);
  }
  sum = blockSum(sum);
  absolute = blockSum(absolute);
  if (threadIdx.x == 0) {
    partOf(w, piece, lane, 0) = sum;
    partOf(w, piece, lane, 2) = absolute;
  }
}

/** Squares of the errors of a column in a piece: a block each. */
__global__ void __launch_bounds__(kThreads) squaresKernel(ObjectiveWork w) {
  const int lane = static_cast<int>(blockIdx.z), column = static_cast<int>(blockIdx.x);
  const size_t piece = blockIdx.y, at = piece * kPiece + threadIdx.x;
  double square = 0;
  if (at < w.rows) {
    const double error = errorOf(w, rowOf(w, lane, at, 0), column);
    square = error * error;
  }
  square = blockSum(square);
  if (threadIdx.x == 0) partOf(w, piece, lane, TallyLayout::kSums + static_cast<size_t>(column)) = square;
}

/** Adds the pieces of a lane up in their order, to its tally, and looks at the mean loss: a block a lane. */
__global__ void finishKernel(ObjectiveWork w) {
  const int lane = static_cast<int>(blockIdx.x);
  if (w.active[lane] == 0) return;
  const TallyLayout layout = w.layout();
  const bool training = w.batchLosses != nullptr;
  double* const sums = w.sums + static_cast<size_t>(lane) * layout.sums();
  for (size_t place = threadIdx.x; place < layout.sums(); place += blockDim.x) {
    double sum = training ? 0 : sums[place];
    for (size_t piece = 0; piece < w.pieces(); ++piece) sum += place == 1 ? weightOf(w, piece) : partOf(w, piece, lane, place);
    sums[place] = training ? sums[place] + sum : sum;
    if (place != 0) continue;
    w.counts[static_cast<size_t>(lane) * layout.counts()] += w.rows;
    if (!training) continue;
    const double loss = sum / weightOf(w);
    w.batchLosses[w.cursor->inRound * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)] = loss;
    // Nor where it is no number.
    if (!(loss <= *w.limit)) w.active[lane] = 0;
  }
}

template <class Loss>
void addRows(Stream& stream, const ObjectiveWork& w, const Loss& loss) {
  const dim3 grid(static_cast<unsigned>(w.pieces()), static_cast<unsigned>(w.lanes));
  constexpr size_t kShort = 32;
  if (w.columns <= kShort) stream.launch(objectiveKernel<Loss, 1>, grid, dim3(kThreads), w, loss);
  else stream.launch(objectiveKernel<Loss, 32>, grid, dim3(kThreads), w, loss);
}

}  // namespace

void CudaBackend::addObjective(const ObjectiveWork& w) {
  if (w.classWeights) stream_.launch(weightsKernel, dim3(static_cast<unsigned>(w.pieces())), dim3(kThreads), w);
  const double each = 1.0 / static_cast<double>(w.columns);
  switch (w.loss) {
    case LossKind::Mse: addRows(stream_, w, ErrorLoss<SquaredError>{{}, 2 * each}); break;
    case LossKind::HalfSquared: addRows(stream_, w, ErrorLoss<SquaredError>{{}, 1}); break;
    case LossKind::Absolute: addRows(stream_, w, ErrorLoss<AbsoluteError>{{}, each}); break;
    case LossKind::Huber: addRows(stream_, w, ErrorLoss<HuberError>{{w.delta}, each}); break;
    case LossKind::BceLogits: addRows(stream_, w, BceLogits{}); break;
    case LossKind::CrossEntropy: addRows(stream_, w, CrossEntropy{w.labelSmoothing, w.classWeights}); break;
    case LossKind::KlDivergence: addRows(stream_, w, KlDivergence{}); break;
    case LossKind::Hinge: addRows(stream_, w, Hinge{w.margin}); break;
  }
  if (w.counted.squares) {
    stream_.launch(squaresKernel, dim3(static_cast<unsigned>(w.columns), static_cast<unsigned>(w.pieces()), static_cast<unsigned>(w.lanes)),
                   dim3(kThreads), w);
  }
  stream_.launchFlat(finishKernel, dim3(static_cast<unsigned>(w.lanes)), dim3(32), w);
}

}  // namespace deltalab::cuda
