#include "objective.h"

#include <algorithm>

namespace deltalab {

namespace {

/** Rows of a piece, unless there would be more than so many pieces. */
constexpr size_t kRows = 512;
constexpr size_t kMostPieces = 256;

template <class T>
double addPiece(const Scoring& scoring, const LossRows<T>& rows, Tally& tally) {
  const double sum = runLoss(scoring.loss(), rows);
  tally.loss += sum;
  scoring.measure(rows, tally);
  return sum;
}

}  // namespace

double addRows(const Scoring& scoring, const float* outputs, float* gradients, size_t rows, const TargetRows& targets, Tally& tally) {
  const double scale = 1.0 / scoring.weightOf(targets, rows);
  const size_t columns = scoring.columns();
  return scale * addPiece<float>(scoring, {outputs, gradients, columns, rows, columns, targets, scale, scoring.options()}, tally);
}

template <class T>
size_t Objective<T>::pieceRows(size_t rows) {
  return rows <= kRows * kMostPieces ? kRows : (rows + kMostPieces - 1) / kMostPieces;
}

template <class T>
Objective<T>::Objective(const Scoring& scoring, int lanes, size_t maxRows) : scoring_(scoring) {
  // The number of pieces is not monotonous in the rows: kRows · kMostPieces rows make the most.
  maxPieces_ = std::min(maxRows / kRows + 1, kMostPieces + 1);
  pieces_.assign(static_cast<size_t>(lanes) * maxPieces_, scoring.emptyTally());
}

template <class T>
void Objective<T>::run(Run& run, const Operand<T>& output, const TargetRows& targets, bool gradient, Tally* tallies,
                       double* losses) {
  const size_t rows = output.shape.empty() ? 1 : static_cast<size_t>(output.shape[0]);
  const size_t columns = scoring_.columns();
  const size_t step = pieceRows(rows);
  const int pieces = static_cast<int>((rows + step - 1) / step);
  const double scale = 1.0 / scoring_.weightOf(targets, rows);
  const LaneSet& lanes = run.lanes;

  const auto runPiece = [&](int lane, int piece) {
    const size_t begin = static_cast<size_t>(piece) * step;
    const size_t at = begin * output.rowStride;
    LossRows<T> part{output.data(lane) + at,
                     gradient ? output.gradient(lane) + at : nullptr,
                     output.rowStride,
                     rows - begin < step ? rows - begin : step,
                     columns,
                     {targets.values ? targets.values + begin * columns : nullptr,
                      targets.classes ? targets.classes + begin : nullptr},
                     scale,
                     scoring_.options()};
    Tally& tally = pieces_[static_cast<size_t>(lane) * maxPieces_ + static_cast<size_t>(piece)];
    tally.clear();
    addPiece(scoring_, part, tally);
  };

  constexpr size_t kParallel = 4096;
  if (run.pool.threads() > 1 && rows * columns * static_cast<size_t>(lanes.activeCount) >= kParallel) {
    run.pool.forEach(lanes.count * pieces, [&](int index) {
      const int lane = index / pieces;
      if (lanes.has(lane)) runPiece(lane, index % pieces);
    });
  } else {
    for (int lane = 0; lane < lanes.count; ++lane) {
      for (int piece = 0; piece < pieces && lanes.has(lane); ++piece) runPiece(lane, piece);
    }
  }

  for (int lane = 0; lane < lanes.count; ++lane) {
    if (!lanes.has(lane)) continue;
    double sum = 0;
    for (int piece = 0; piece < pieces; ++piece) {
      const Tally& tally = pieces_[static_cast<size_t>(lane) * maxPieces_ + static_cast<size_t>(piece)];
      sum += tally.loss;
      tallies[lane].add(tally);
    }
    losses[lane] = sum * scale;
  }
}

template class Objective<float>;
template class Objective<double>;

}  // namespace deltalab
