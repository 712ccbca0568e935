#pragma once

#include <cmath>

#include "small_network.h"
#include "small_products.h"
#include "sums.h"

namespace deltalab::cuda {

/** The weights of a lane, and what moves them. */
template <class Formula>
class Weights {
 public:
  __device__ Weights(const SmallNetwork& network, const UpdateMemory& memory, float* shared, int lane)
      : network_(network),
        weights_(shared + network.firstWeight),
        memory_(memory),
        lane_(static_cast<size_t>(lane)),
        slots_(static_cast<int>(memory.slots)),
        penalties_(memory.penalties[lane]) {}

  __device__ SmallMatrix matrix(int tensor) const { return {weights_ + network_.tensors[tensor].place, network_.tensors[tensor].stride}; }
  __device__ const float* row(int tensor) const { return weights_ + network_.tensors[tensor].place; }

  __device__ void load() const {
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      *weight = tensor.values[lane_ * tensor.lane + i];
      for (int slot = 0; tensor.moves && slot < slots_; ++slot) weight[(slot + 1) * network_.weights] = *slotOf(tensor, slot, i);
    });
  }
  __device__ void store() const {
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      if (!tensor.moves) return;
      tensor.values[lane_ * tensor.lane + i] = *weight;
      for (int slot = 0; slot < slots_; ++slot) *slotOf(tensor, slot, i) = weight[(slot + 1) * network_.weights];
    });
  }

  struct Step {
    Formula formula;
    /** Directions are wanted, too. */
    bool last;
  };

  /** Gradients of neighbours in a row, the last of which may be beyond it: moves the weights, unless the norm of all has to be known before. */
  template <int count>
  __device__ void take(const Step& step, const SmallTensor& tensor, int row, int column, const Together<count>& gradients) const {
    const int at = tensor.place + row * tensor.stride + column;
    const Together<count> weights = *reinterpret_cast<const Together<count>*>(weights_ + at);
    Together<count> penalisedOnes;
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) penalisedOnes.of[i] = penalised(penalties_, weights.of[i], gradients.of[i]);
    if (penalties_.clipNorm != 0) give(tensor, row, column, penalisedOnes);
    else move(step, tensor, row, column, weights, penalisedOnes);
  }

  /** Where the lane clips by norm: moves the weights by the gradients that were given away. A barrier must have followed them. */
  __device__ void clip(const Step& step) const {
    if (penalties_.clipNorm == 0) return;
    __shared__ float shared;
    const double scale = clipScale(penalties_.clipNorm, sumOfSquares());
    if (threadIdx.x == 0) shared = scale >= 1 ? 1.0F : static_cast<float>(scale);
    __syncthreads();
    const float by = shared;
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      if (!tensor.moves) return;
      const int row = static_cast<int>(i) / tensor.columns;
      const Together<1> gradient{{tensor.gradients[lane_ * countOf(tensor) + i] * by}};
      move(step, tensor, row, static_cast<int>(i) - row * tensor.columns, Together<1>{{*weight}}, gradient);
    });
  }

  /** Limits the norms of units (limitNorms), a warp each, where the lane does. Barriers before and after it are the caller's. */
  __device__ void limit() const {
    const double largest = penalties_.maxNorm;
    const int own = static_cast<int>(threadIdx.x) % kWarp;
    for (int index = 0; largest != 0 && index < network_.tensorCount; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      if (!tensor.moves || !tensor.hasUnits) continue;
      for (int unit = static_cast<int>(threadIdx.x) / kWarp; unit < tensor.rows; unit += kAll / kWarp) {
        float* weights = weights_ + tensor.place + unit * tensor.stride;
        const double sum = warpSum(tensor.columns, [&](int i) { return static_cast<double>(weights[i]) * static_cast<double>(weights[i]); });
        const double norm = std::sqrt(__shfl_sync(0xffffffffu, sum, 0));
        if (!(norm > largest)) continue;
        const float scale = static_cast<float>(largest / norm);
        for (int i = own; i < tensor.columns; i += kWarp) weights[i] *= scale;
      }
    }
  }
  __device__ bool limits() const { return penalties_.maxNorm != 0; }
  __device__ bool clips() const { return penalties_.clipNorm != 0; }

 private:
  __device__ static size_t countOf(const SmallTensor& tensor) { return static_cast<size_t>(tensor.rows) * static_cast<size_t>(tensor.columns); }
  __device__ float* slotOf(const SmallTensor& tensor, int slot, size_t i) const {
    return memory_.state + tensor.slots + static_cast<size_t>(slot) * tensor.slotStride + lane_ * countOf(tensor) + i;
  }
  /** f(tensor, i, place) for all values, i by i. */
  template <class F>
  __device__ void eachValue(const F& f) const {
    for (int index = 0; index < network_.tensorCount; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      const int count = tensor.rows * tensor.columns;
      for (int i = static_cast<int>(threadIdx.x); i < count; i += kAll) {
        const int row = i / tensor.columns;
        f(tensor, static_cast<size_t>(i), weights_ + tensor.place + row * tensor.stride + (i - row * tensor.columns));
      }
    }
  }

  /** To the memory of the card, where directions are looked for. */
  template <int count>
  __device__ void give(const SmallTensor& tensor, int row, int column, const Together<count>& gradients) const {
    float* to = tensor.gradients + lane_ * countOf(tensor) + static_cast<size_t>(row * tensor.columns + column);
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) {
      if (column + i < tensor.columns) to[i] = gradients.of[i];
    }
  }

  template <int count>
  __device__ void move(const Step& step, const SmallTensor& tensor, int row, int column, Together<count> weights, Together<count> gradients) const {
    using Some = Together<count>;
    float* at = weights_ + tensor.place + row * tensor.stride + column;
    Some slots[kMostSlots] = {};
    DELTALAB_UNROLL
    for (int slot = 0; slot < static_cast<int>(kMostSlots); ++slot) {
      if (slot < slots_) slots[slot] = *reinterpret_cast<const Some*>(at + (slot + 1) * network_.weights);
    }
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) {
      if (column + i < tensor.columns) step.formula.updateValue(weights.of[i], gradients.of[i], slots[0].of[i], slots[1].of[i], slots[2].of[i]);
    }
    *reinterpret_cast<Some*>(at) = weights;
    DELTALAB_UNROLL
    for (int slot = 0; slot < static_cast<int>(kMostSlots); ++slot) {
      if (slot < slots_) *reinterpret_cast<Some*>(at + (slot + 1) * network_.weights) = slots[slot];
    }
    if (step.last) give(tensor, row, column, gradients);
  }

  /** Of all gradients, by the chunks of the general way, for thread 0. */
  __device__ double sumOfSquares() const {
    __shared__ double passed;
    double own = 0;
    int chunk = 0;
    for (int index = 0; index < network_.tensorCount && network_.tensors[index].moves; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      const float* gradients = tensor.gradients + lane_ * countOf(tensor);
      for (size_t begin = 0; begin < countOf(tensor); begin += kChunk, ++chunk) {
        const size_t end = begin + kChunk < countOf(tensor) ? begin + kChunk : countOf(tensor);
        double sum = 0;
        for (size_t i = begin + threadIdx.x; i < end; i += kThreads) sum += static_cast<double>(gradients[i]) * static_cast<double>(gradients[i]);
        sum = blockSum(sum);
        if (threadIdx.x == 0) passed = sum;
        __syncthreads();
        if (static_cast<int>(threadIdx.x) == chunk % kAll) own += passed;
      }
    }
    return blockSum(own);
  }

  const SmallNetwork& network_;
  float* weights_;
  const UpdateMemory& memory_;
  size_t lane_;
  int slots_;
  LanePenalties penalties_;
};

}  // namespace deltalab::cuda
