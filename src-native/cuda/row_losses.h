#pragma once

#include <cmath>

#include "core/device_kernels.h"
#include "device.h"
#include "losses/element_losses.h"

namespace deltalab::cuda {

/** `threads` neighbours of a warp that share a row: 1, or all 32. */
template <int threads>
struct RowGroup {
  int own;

  template <class T>
  __device__ T sum(T value) const {
    for (int distance = threads / 2; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
    return value;
  }
  __device__ float largest(float value) const {
    for (int distance = threads / 2; distance > 0; distance /= 2) {
      const float other = __shfl_xor_sync(0xffffffffu, value, distance);
      value = other > value ? other : value;
    }
    return value;
  }
  /** Of the largest value the first place. */
  __device__ void first(float& value, int& place) const {
    for (int distance = threads / 2; distance > 0; distance /= 2) {
      const float other = __shfl_xor_sync(0xffffffffu, value, distance);
      const int otherPlace = __shfl_xor_sync(0xffffffffu, place, distance);
      if (other > value || (other == value && otherPlace < place)) {
        value = other;
        place = otherPlace;
      }
    }
  }
};

/** One row of the output of one lane, with what it should have been. */
struct Row {
  const float* y;
  /** Null: only the loss is wanted. */
  float* gradient;
  const float* d;
  int label;
  int columns;
  /** 1 / weight of the batch. */
  double scale;
};

// As the files of losses/: what a row adds to the loss (the part of this thread, to be summed over the group), and its gradient.

/** Σ function(y - d) · scale. */
template <class Function>
struct ErrorLoss {
  Function function;
  double scale;

  template <int threads>
  __device__ double run(const Row& row, RowGroup<threads> group) const {
    const float factor = static_cast<float>(scale * row.scale);
    double sum = 0;
    for (int i = group.own; i < row.columns; i += threads) {
      const float error = row.y[i] - row.d[i];
      sum += function.value(static_cast<double>(error));
      if (row.gradient) row.gradient[i] = factor * function.slope(error);
    }
    return sum * scale;
  }
};

struct BceLogits {
  template <int threads>
  __device__ double run(const Row& row, RowGroup<threads> group) const {
    const double weight = 1.0 / row.columns;
    double sum = 0;
    for (int i = group.own; i < row.columns; i += threads) {
      const double z = static_cast<double>(row.y[i]), t = static_cast<double>(row.d[i]);
      sum += binaryCrossEntropy(z, t);
      if (row.gradient) row.gradient[i] = static_cast<float>(binaryCrossEntropySlope(z, t) * weight * row.scale);
    }
    return sum * weight;
  }
};

/** Largest logit and Σ e^(z - largest) of a row, for every thread of the group. */
template <int threads>
struct DeviceSoftmax {
  float largest;
  double sum;

  __device__ DeviceSoftmax(const Row& row, RowGroup<threads> group) {
    float most = -INFINITY;
    for (int i = group.own; i < row.columns; i += threads) most = row.y[i] > most ? row.y[i] : most;
    largest = group.largest(most);
    double own = 0;
    for (int i = group.own; i < row.columns; i += threads) own += static_cast<double>(expf(row.y[i] - largest));
    sum = group.sum(own);
  }

  __device__ double logOf(float z) const { return (static_cast<double>(z) - static_cast<double>(largest)) - log(sum); }
  __device__ double shareOf(float z) const { return static_cast<double>(expf(z - largest)) / sum; }
};

/** With label smoothing ε and weights w, as crossEntropyLoss. */
struct CrossEntropy {
  double smoothing;
  /** Null: all 1. */
  const float* weights;

  __device__ double weight(int c) const { return weights ? static_cast<double>(weights[c]) : 1.0; }

  template <int threads>
  __device__ double run(const Row& row, RowGroup<threads> group) const {
    const DeviceSoftmax<threads> softmax(row, group);
    const double spread = smoothing / row.columns, own = (1 - smoothing) * weight(row.label);
    double loss = group.own == 0 ? -own * softmax.logOf(row.y[row.label]) : 0, all = 0;
    if (spread != 0) {
      for (int c = group.own; c < row.columns; c += threads) {
        all += weight(c);
        loss -= spread * weight(c) * softmax.logOf(row.y[c]);
      }
      all = group.sum(all);
    }
    if (row.gradient) {
      const double share = own + spread * all;
      for (int c = group.own; c < row.columns; c += threads) {
        const double pull = spread * weight(c) + (c == row.label ? own : 0);
        row.gradient[c] = static_cast<float>((share * softmax.shareOf(row.y[c]) - pull) * row.scale);
      }
    }
    return loss;
  }
};

/** As klDivergenceLoss. */
struct KlDivergence {
  template <int threads>
  __device__ double run(const Row& row, RowGroup<threads> group) const {
    const DeviceSoftmax<threads> softmax(row, group);
    double loss = 0, all = 0;
    for (int c = group.own; c < row.columns; c += threads) {
      const double share = static_cast<double>(row.d[c]);
      all += share;
      loss += (share > 0 ? share * log(share) : 0) - share * softmax.logOf(row.y[c]);
    }
    all = group.sum(all);
    if (row.gradient) {
      for (int c = group.own; c < row.columns; c += threads) {
        row.gradient[c] = static_cast<float>((all * softmax.shareOf(row.y[c]) - static_cast<double>(row.d[c])) * row.scale);
      }
    }
    return loss;
  }
};

/** As hingeLoss. */
struct Hinge {
  double margin;

  template <int threads>
  __device__ double run(const Row& row, RowGroup<threads> group) const {
    const double weight = 1.0 / row.columns, right = static_cast<double>(row.y[row.label]);
    const float factor = static_cast<float>(weight * row.scale);
    double sum = 0;
    int violations = 0;
    for (int i = group.own; i < row.columns; i += threads) {
      if (i == row.label) continue;
      const double lack = margin - right + static_cast<double>(row.y[i]);
      // Not `lack > 0`: an output that is no number must show in the loss.
      const bool violates = !(lack <= 0);
      if (violates) sum += lack;
      violations += violates ? 1 : 0;
      if (row.gradient) row.gradient[i] = violates ? factor : 0.0F;
    }
    violations = group.sum(violations);
    if (row.gradient && group.own == 0) row.gradient[row.label] = -factor * static_cast<float>(violations);
    return sum * weight;
  }
};

}  // namespace deltalab::cuda
