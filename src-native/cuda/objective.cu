#include "backend.h"
#include "objective_rows.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

constexpr size_t kPiece = ObjectiveWork::kPiece;

/** Of `place` in a piece of a lane. */
__device__ double& partOf(const ObjectiveWork& w, size_t piece, int lane, size_t place) {
  return w.parts()[(piece * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)) * w.layout().sums() + place];
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

__device__ Row rowOf(const ObjectiveWork& w, int lane, size_t row, double scale) {
  const size_t at = static_cast<size_t>(lane) * w.laneStride + row * w.rowStride;
  return {w.outputs + at,
          w.gradients ? w.gradients + at : nullptr,
          w.values ? w.values + row * w.columns : nullptr,
          w.classes ? static_cast<int>(w.classes[row]) : 0,
          static_cast<int>(w.columns),
          scale};
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

/** Adds the pieces of a lane up in their order, to its tally, and looks at the mean loss. */
__device__ void addPieces(const ObjectiveWork& w, int lane) {
  const bool training = w.batchLosses != nullptr, takesPart = w.active[lane] != 0;
  if (training && lane == 0 && threadIdx.x == 0) w.cursor->next = w.cursor->now.after(w.rows);
  // Before a thread ends that.
  __syncthreads();
  if (!takesPart) return;
  const TallyLayout layout = w.layout();
  double* const sums = w.sums + static_cast<size_t>(lane) * layout.sums();
  for (size_t place = threadIdx.x; place < layout.sums(); place += blockDim.x) {
    double sum = training ? 0 : sums[place];
    for (size_t piece = 0; piece < w.pieces(); ++piece) sum += place == 1 ? weightOf(w, piece) : partOf(w, piece, lane, place);
    sums[place] = training ? sums[place] + sum : sum;
    if (place != 0) continue;
    w.counts[static_cast<size_t>(lane) * layout.counts()] += w.rows;
    if (!training) continue;
    const double loss = sum / weightOf(w);
    w.batchLosses[w.cursor->now.inRound * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)] = loss;
    // Nor where it is no number.
    if (!(loss <= *w.limit)) w.active[lane] = 0;
  }
}

/** A block a piece of rows of a lane, `threads` of it a row. The last of a lane adds its pieces up. */
template <int threads>
__global__ void __launch_bounds__(kThreads) objectiveKernel(ObjectiveWork w) {
  const int lane = static_cast<int>(blockIdx.y);
  const size_t piece = blockIdx.x, end = (piece + 1) * kPiece < w.rows ? (piece + 1) * kPiece : w.rows;
  const double scale = 1.0 / weightOf(w);
  double sum = 0, absolute = 0;
  addRows<threads>(w, lane, end - piece * kPiece, [&](size_t row) { return rowOf(w, lane, piece * kPiece + row, scale); }, sum, absolute);
  sum = blockSum(sum);
  absolute = blockSum(absolute);
  if (threadIdx.x == 0) {
    partOf(w, piece, lane, 0) = sum;
    partOf(w, piece, lane, 2) = absolute;
  }
  if (isLastBlock(w.arrived() + lane, gridDim.x)) addPieces(w, lane);
}

}  // namespace

void CudaBackend::addObjective(const ObjectiveWork& w) {
  if (w.classWeights) stream_.launch(weightsKernel, dim3(static_cast<unsigned>(w.pieces())), dim3(kThreads), w);
  if (w.counted.squares) {
    stream_.launch(squaresKernel, dim3(static_cast<unsigned>(w.columns), static_cast<unsigned>(w.pieces()), static_cast<unsigned>(w.lanes)),
                   dim3(kThreads), w);
  }
  const dim3 grid(static_cast<unsigned>(w.pieces()), static_cast<unsigned>(w.lanes));
  stream_.launch(w.columns <= kShortRow ? objectiveKernel<1> : objectiveKernel<32>, grid, dim3(kThreads), w);
}

}  // namespace deltalab::cuda
