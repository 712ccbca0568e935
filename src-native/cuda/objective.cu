#include "backend.h"
#include "objective_rows.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

constexpr size_t kPiece = ObjectiveWork::kPiece;

/** Of `place` in a piece of a lane. */
__device__ double& partOf(const ObjectiveWork& w, size_t piece, int lane, size_t place) {
  return w.scratch[(piece * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)) * w.layout().sums() + place];
}

/** Sum of the weights of the classes of all rows, to the end of the scratch memory: by one block. */
__global__ void weightKernel(ObjectiveWork w) {
  double sum = 0;
  for (size_t row = threadIdx.x; row < w.rows; row += kThreads) sum += static_cast<double>(w.classWeights[w.classes[row]]);
  sum = blockSum(sum);
  if (threadIdx.x == 0) *w.weight() = sum;
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
template <int threads>
__global__ void __launch_bounds__(kThreads) objectiveKernel(ObjectiveWork w) {
  const int lane = static_cast<int>(blockIdx.y);
  const size_t piece = blockIdx.x, end = (piece + 1) * kPiece < w.rows ? (piece + 1) * kPiece : w.rows;
  const double scale = 1.0 / (w.classWeights ? *w.weight() : static_cast<double>(w.rows));
  double sum = 0, absolute = 0;
  addRows<threads>(w, lane, end - piece * kPiece, [&](size_t row) { return rowOf(w, lane, piece * kPiece + row, scale); }, sum, absolute);
  sum = blockSum(sum);
  absolute = blockSum(absolute);
  if (threadIdx.x == 0) {
    partOf(w, piece, lane, 0) = sum;
    partOf(w, piece, lane, 2) = absolute;
  }
}

/** Squares of the errors of a column in a piece: a block each. */
__global__ void __launch_bounds__(kThreads) squaresKernel(ObjectiveWork w) {
  const int lane = static_cast<int>(blockIdx.z), column = static_cast<int>(blockIdx.y);
  const size_t piece = blockIdx.x, at = piece * kPiece + threadIdx.x;
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
  const size_t pieces = (w.rows + kPiece - 1) / kPiece;
  const double weight = w.classWeights ? *w.weight() : static_cast<double>(w.rows);
  double* const sums = w.sums + static_cast<size_t>(lane) * layout.sums();
  for (size_t place = threadIdx.x; place < layout.sums(); place += blockDim.x) {
    double sum = place == 1 ? weight : 0;
    for (size_t piece = 0; place != 1 && piece < pieces; ++piece) sum += partOf(w, piece, lane, place);
    sums[place] += sum;
    if (place != 0) continue;
    w.counts[static_cast<size_t>(lane) * layout.counts()] += w.rows;
    if (!w.batchLosses) continue;
    const double loss = sum / weight;
    w.batchLosses[w.cursor->inRound * static_cast<size_t>(w.lanes) + static_cast<size_t>(lane)] = loss;
    // Nor where it is no number.
    if (!(loss <= *w.limit)) w.active[lane] = 0;
  }
}

}  // namespace

void CudaBackend::addObjective(const ObjectiveWork& w) {
  if (w.classWeights) stream_.launch(weightKernel, dim3(1), dim3(kThreads), w);
  const dim3 grid(blocksFor(w.rows, kPiece), static_cast<unsigned>(w.lanes));
  stream_.launch(w.columns <= kShortRow ? objectiveKernel<1> : objectiveKernel<32>, grid, dim3(kThreads), w);
  if (w.counted.squares) {
    stream_.launch(squaresKernel, dim3(blocksFor(w.rows, kPiece), static_cast<unsigned>(w.columns), static_cast<unsigned>(w.lanes)),
                   dim3(kThreads), w);
  }
  stream_.launchFlat(finishKernel, dim3(static_cast<unsigned>(w.lanes)), dim3(32), w);
}

}  // namespace deltalab::cuda
