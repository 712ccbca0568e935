#include "batch_normalization_rows.h"

namespace deltalab {

namespace {

/** Values of a block: a quarter of a first-level cache, beside which a second array has room. */
constexpr size_t kBlockValues = 4096;
/** Rows of a block, whose sums are floats. */
constexpr size_t kMostRows = 256;
constexpr size_t kRowsOfChunk = 256;
constexpr size_t kMostChunks = 16;

std::ptrdiff_t signedOf(size_t count) { return static_cast<std::ptrdiff_t>(count); }

}  // namespace

BatchNormalizationRows::BatchNormalizationRows(StepSpec<float>&& spec) : BatchNormalizationBase<float>(std::move(spec)), rows_(form_.count()) {
  blockRows_ = std::min(kMostRows, std::max<size_t>(4, kBlockValues / form_.channels));
  chunks_ = std::min(kMostChunks, (rows_ + kRowsOfChunk - 1) / kRowsOfChunk);
  partial_ = AlignedBuffer<double>(static_cast<size_t>(lanes) * chunks_ * 2 * form_.channels);
  coefficients_ = AlignedBuffer<float>(static_cast<size_t>(lanes) * 3 * form_.channels);
}

template <class F>
void BatchNormalizationRows::forEachBlockOfRows(Run& run, F&& f) const {
  const size_t blocks = (rows_ + blockRows_ - 1) / blockRows_, elements = blockRows_ * form_.channels;
  forEachBlock(run, blocks, elements, itemsPerTask(elements), [&](int lane, size_t begin, size_t end) {
    for (size_t block = begin; block < end; ++block) {
      const size_t first = block * blockRows_;
      f(lane, first, std::min(blockRows_, rows_ - first));
    }
  });
}

template <class F>
void BatchNormalizationRows::forEachChunkOfRows(Run& run, F&& f) const {
  const size_t tasks = static_cast<size_t>(run.lanes.count) * chunks_;
  const size_t elements = rows_ * form_.channels * static_cast<size_t>(run.lanes.activeCount);
  const bool parallel = run.pool.threads() > 1 && elements >= kParallelElements;
  run.workspace.scratch.forEachTask(run.pool, parallel, tasks, 2 * form_.channels, [&](size_t task, float* scratch) {
    const int lane = static_cast<int>(task / chunks_);
    const size_t chunk = task % chunks_;
    if (run.lanes.has(lane)) f(lane, chunk, firstRow(chunk), firstRow(chunk + 1), scratch);
  });
}

void BatchNormalizationRows::forward(Run& run) {
  if (form_.byBatch) {
    forEachChunkOfRows(run, [&](int lane, size_t chunk, size_t begin, size_t end, float* scratch) {
      measureChunk(lane, chunk, begin, end, scratch);
    });
  }
  forEachLane(run, chunks_ * form_.channels, [&](int lane) { joinStatistics(lane); });
  if (!output) return;
  forEachBlockOfRows(run, [&](int lane, size_t row, size_t rows) {
    const size_t at = row * form_.channels;
    float* const y = output.mutableData(lane) + at;
    rowKernels().standardiseColumns(inputs[0].data(lane) + at, y, signedOf(rows), signedOf(form_.channels), means(lane), coefficients(lane),
                                    inputs[2].data(lane));
    activate(y, rows * form_.channels);
  });
}

/** Mean and Σ (x - mean)² of a chunk: those of its blocks, put together. */
void BatchNormalizationRows::measureChunk(int lane, size_t chunk, size_t begin, size_t end, float* scratch) {
  double *const mean = partial(lane, chunk), *const squares = mean + form_.channels;
  float *const sums = scratch, *const blockSquares = scratch + form_.channels;
  for (size_t row = begin; row < end; row += blockRows_) {
    const size_t rows = std::min(blockRows_, end - row);
    rowKernels().columnMoments(inputs[0].data(lane) + row * form_.channels, signedOf(rows), signedOf(form_.channels), sums, blockSquares);
    const double n = static_cast<double>(rows), before = static_cast<double>(row - begin);
    const double share = n / (before + n);
    for (size_t c = 0; c < form_.channels; ++c) {
      const double distance = static_cast<double>(sums[c]) / n - (row == begin ? 0 : mean[c]);
      mean[c] = (row == begin ? 0 : mean[c]) + distance * share;
      squares[c] = static_cast<double>(blockSquares[c]) + (row == begin ? 0 : squares[c] + distance * distance * before * share);
    }
  }
}

void BatchNormalizationRows::joinStatistics(int lane) {
  for (size_t c = 0; c < form_.channels; ++c) {
    if (!form_.byBatch) {
      takeGivenStatistics(lane, c);
      continue;
    }
    double mean = 0, squares = 0;
    for (size_t chunk = 0; chunk < chunks_; ++chunk) {
      const double before = static_cast<double>(firstRow(chunk)), after = static_cast<double>(firstRow(chunk + 1));
      const double distance = partial(lane, chunk)[c] - mean, share = (after - before) / after;
      mean += distance * share;
      squares += partial(lane, chunk)[form_.channels + c] + distance * distance * before * share;
    }
    takeStatistics(lane, c, mean, squares / static_cast<double>(rows_));
  }
  for (size_t c = 0; c < form_.channels; ++c) coefficients(lane)[c] = factors(lane)[c] * inputs[1].data(lane)[c];
}

void BatchNormalizationRows::backward(Run& run) {
  if (!output.needsGradient) return clearGradients(run);
  forEachChunkOfRows(run, [&](int lane, size_t chunk, size_t begin, size_t end, float* scratch) {
    addUpChunk(lane, chunk, begin, end, scratch);
  });
  forEachLane(run, chunks_ * form_.channels, [&](int lane) { joinGradients(lane); });
  const Operand<float>& target = inputs[0];
  if (!target.needsGradient) return;
  forEachBlockOfRows(run, [&](int lane, size_t row, size_t rows) {
    const size_t at = row * form_.channels;
    const float* a = coefficients(lane);
    rowKernels().standardiseColumnsGradient(output.gradient(lane) + at, target.data(lane) + at, target.gradient(lane) + at, signedOf(rows),
                                            signedOf(form_.channels), means(lane), a, a + form_.channels, a + 2 * form_.channels, target.accumulate);
  });
}

/** Σ dy and Σ dy (x - mean) of a chunk. */
void BatchNormalizationRows::addUpChunk(int lane, size_t chunk, size_t begin, size_t end, float* scratch) {
  double *const plain = partial(lane, chunk), *const centred = plain + form_.channels;
  std::fill_n(plain, 2 * form_.channels, 0.0);
  float* const dy = output.gradient(lane);
  for (size_t row = begin; row < end; row += blockRows_) {
    const size_t rows = std::min(blockRows_, end - row), at = row * form_.channels;
    throughActivation(output.data(lane) + at, dy + at, rows * form_.channels);
    rowKernels().columnProducts(dy + at, inputs[0].data(lane) + at, signedOf(rows), signedOf(form_.channels), means(lane), scratch,
                                scratch + form_.channels);
    for (size_t c = 0; c < form_.channels; ++c) {
      plain[c] += static_cast<double>(scratch[c]);
      centred[c] += static_cast<double>(scratch[form_.channels + c]);
    }
  }
}

void BatchNormalizationRows::joinGradients(int lane) {
  for (size_t c = 0; c < form_.channels; ++c) {
    double plain = 0, centred = 0;
    for (size_t chunk = 0; chunk < chunks_; ++chunk) {
      plain += partial(lane, chunk)[c];
      centred += partial(lane, chunk)[form_.channels + c];
    }
    writeParameterGradients(lane, c, plain, centred);
    const GradientFactors<float> gradient = inputGradient(lane, c, plain, centred);
    coefficients(lane)[c] = gradient.a;
    coefficients(lane)[form_.channels + c] = gradient.b;
    coefficients(lane)[2 * form_.channels + c] = gradient.c;
  }
}

}  // namespace deltalab
