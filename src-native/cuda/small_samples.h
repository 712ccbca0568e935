#pragma once

#include "small_network.h"
#include "small_products.h"

namespace deltalab::cuda {

/** Samples of the batch of a step and of the next, which are fetched while the step is done. */
class Samples {
 public:
  __device__ Samples(const SmallNetwork& network, const FusedWork& work, float* shared)
      : network_(network),
        work_(work),
        sources_(reinterpret_cast<int64_t*>(shared + network.sources)),
        inputs_(shared + network.samples),
        targets_(shared + network.targets),
        classes_(reinterpret_cast<int*>(shared + network.classes)),
        columns_(network.inputs + (work.from.values ? network.outputs : 0)),
        position_(work.position) {
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) place(static_cast<int>(threadIdx.x) + i * kAll, rows_[i], at_[i]);
  }

  __device__ int rows() const { return rowsFrom(position_); }
  __device__ SmallMatrix inputs() const { return {inputs_ + buffer_ * network_.batch * network_.inputStride, network_.inputStride}; }
  __device__ const float* targets() const { return targets_ + buffer_ * network_.batch * network_.outputs; }
  __device__ int classOf(int row) const { return classes_[buffer_ * network_.batch + row]; }

  /** The first batch, and where the next one lies. Barriers before and after it are the caller's. */
  __device__ void begin(size_t steps) {
    const int thread = static_cast<int>(threadIdx.x);
    if (thread < rows()) sourcesOf(0)[thread] = sourceAt(position_ + static_cast<size_t>(thread));
    __syncthreads();
    for (int i = thread; i < rows() * columns_; i += kAll) copy(0, i);
    if (work_.from.classes && thread < rows()) classes_[thread] = static_cast<int>(work_.from.classes[sourcesOf(0)[thread]]);
    const size_t next = position_ + static_cast<size_t>(rows());
    if (steps > 1 && thread < rowsFrom(next)) sourcesOf(1)[thread] = sourceAt(next + static_cast<size_t>(thread));
  }

  /** Asks for the samples of the next batch, and for the places of the one after it: what takes long must not be waited for at once. */
  __device__ void fetch(bool hasNext, bool hasAfter) {
    const int thread = static_cast<int>(threadIdx.x);
    const size_t next = position_ + static_cast<size_t>(rows());
    next_ = hasNext ? rowsFrom(next) : 0;
    const int64_t* sources = sourcesOf(1 - buffer_);
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) {
      if (rows_[i] < next_) held_[i] = valueAt(sources[rows_[i]], at_[i]);
    }
    if (work_.from.classes && thread < next_) heldClass_ = work_.from.classes[sources[thread]];
    const size_t after = next + static_cast<size_t>(next_);
    after_ = hasAfter ? rowsFrom(after) : 0;
    if (thread < after_) heldSource_ = sourceAt(after + static_cast<size_t>(thread));
  }

  /** What was asked for, to its place. A barrier is needed before it is read. */
  __device__ void turn() {
    const int thread = static_cast<int>(threadIdx.x);
    position_ += static_cast<size_t>(rows());
    const int to = 1 - buffer_;
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) {
      if (rows_[i] < next_) *placeOf(to, rows_[i], at_[i]) = held_[i];
    }
    for (int i = thread + kHeld * kAll; i < next_ * columns_; i += kAll) copy(to, i);
    if (work_.from.classes && thread < next_) classes_[to * network_.batch + thread] = static_cast<int>(heldClass_);
    if (thread < after_) sourcesOf(buffer_)[thread] = heldSource_;
    buffer_ = to;
  }

 private:
  /** Values that a thread holds; of a larger batch the others are fetched at the end of a step. */
  static constexpr int kHeld = 4;

  __device__ int rowsFrom(size_t position) const {
    const size_t left = work_.count - position, batch = static_cast<size_t>(network_.batch);
    return static_cast<int>(left < batch ? left : batch);
  }
  __device__ int64_t sourceAt(size_t at) const { return work_.order ? work_.order[at] : static_cast<int64_t>(at); }
  __device__ int64_t* sourcesOf(int buffer) const { return sources_ + buffer * network_.batch; }
  __device__ void place(int i, int& row, int& at) const {
    row = i / columns_;
    at = i - row * columns_;
  }
  /** Target values follow the inputs of a row. */
  __device__ float valueAt(int64_t source, int at) const {
    const size_t row = static_cast<size_t>(source);
    if (at < network_.inputs) return work_.from.inputs[row * static_cast<size_t>(network_.inputs) + static_cast<size_t>(at)];
    return work_.from.values[row * static_cast<size_t>(network_.outputs) + static_cast<size_t>(at - network_.inputs)];
  }
  __device__ float* placeOf(int buffer, int row, int at) const {
    if (at < network_.inputs) return inputs_ + (buffer * network_.batch + row) * network_.inputStride + at;
    return targets_ + (buffer * network_.batch + row) * network_.outputs + (at - network_.inputs);
  }
  __device__ void copy(int buffer, int i) const {
    int row, at;
    place(i, row, at);
    *placeOf(buffer, row, at) = valueAt(sourcesOf(buffer)[row], at);
  }

  const SmallNetwork& network_;
  const FusedWork& work_;
  int64_t* sources_;
  float* inputs_;
  float* targets_;
  int* classes_;
  /** Values of a sample. */
  int columns_;
  size_t position_;
  int buffer_ = 0;
  int rows_[kHeld], at_[kHeld];
  float held_[kHeld] = {};
  int64_t heldClass_ = 0, heldSource_ = 0;
  int next_ = 0, after_ = 0;
};

}  // namespace deltalab::cuda
