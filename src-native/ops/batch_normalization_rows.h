#pragma once

#include "batch_normalization_step.h"

namespace deltalab {

/**
 * BatchNormalization in single precision of rows of channels: inputs without pixels, and channels-last pictures. The rows are cut into
 * chunks, whose number follows from the shape; each is summed up for itself, and the chunks are put together in order.
 */
class BatchNormalizationRows : public BatchNormalizationBase<float> {
 public:
  explicit BatchNormalizationRows(StepSpec<float>&& spec);

  void forward(Run& run) override;
  void backward(Run& run) override;

 private:
  /** f(lane, first row, rows, scratch for two values per channel) for blocks that stay in the nearest cache. */
  template <class F>
  void forEachBlockOfRows(Run& run, F&& f) const;
  /** f(lane, chunk, first row, end, scratch for two values per channel). */
  template <class F>
  void forEachChunkOfRows(Run& run, F&& f) const;

  void measureChunk(int lane, size_t chunk, size_t begin, size_t end, float* scratch);
  void joinStatistics(int lane);
  void addUpChunk(int lane, size_t chunk, size_t begin, size_t end, float* scratch);
  void joinGradients(int lane);

  size_t firstRow(size_t chunk) const { return rows_ * chunk / chunks_; }
  /** Two sums per channel of a chunk. */
  double* partial(int lane, size_t chunk) {
    return partial_.data() + (static_cast<size_t>(lane) * chunks_ + chunk) * 2 * form_.channels;
  }
  /** Factors of the channels: slopes of the forward pass; a, b and c of GradientFactors, one after another. */
  float* coefficients(int lane) { return coefficients_.data() + static_cast<size_t>(lane) * 3 * form_.channels; }

  size_t rows_, blockRows_, chunks_;
  AlignedBuffer<double> partial_;
  AlignedBuffer<float> coefficients_;
};

}  // namespace deltalab
