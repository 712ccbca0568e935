#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "blocks.h"
#include "core/memory.h"
#include "core/operator.h"
#include "cpu/kernels/rows.h"
#include "normalise_step.h"

namespace deltalab {

/**
 * BatchNormalization of [samples][channels][pixels]; see batch_normalization.cpp. A channel is one piece of work, so that no sum is
 * split by threads. Of inputs without pixels kChannels neighbouring ones are walked together, a sample's after another's; their sums
 * are of floats over kSamples samples at a time, and those are added in double.
 */
template <class T>
class BatchNormalizationStep : public Step<T> {
 public:
  explicit BatchNormalizationStep(StepSpec<T>&& spec) : BatchNormalizationStep(std::move(spec), spec.context, spec.mode) {}

  void forward(Run& run) override {
    forEachGroup(run, [&](int lane, size_t channel, size_t width) {
      Statistics statistics;
      if (byBatch_) measure(this->inputs[0].data(lane), channel, width, statistics);
      else givenStatistics(lane, channel, width, statistics);
      if (byBatch_) moveRunning(lane, channel, width, statistics);
      apply(lane, channel, width, statistics);
    });
  }

  void backward(Run& run) override {
    if (!this->output.needsGradient) return clearGradients(run);
    forEachGroup(run, [&](int lane, size_t channel, size_t width) {
      Sums sums;
      addUp(lane, channel, width, sums);
      if (this->inputs[0].needsGradient) gradientOfInput(lane, channel, width, sums);
      for (size_t which : {size_t{1}, size_t{2}}) {
        const Operand<T>& target = this->inputs[which];
        if (!target.needsGradient) continue;
        T* to = target.gradient(lane) + channel;
        for (size_t i = 0; i < width; ++i) {
          const T value = static_cast<T>(which == 1 ? sums.centred[i] * static_cast<double>(factors(lane)[channel + i]) : sums.plain[i]);
          to[i] = target.accumulate ? to[i] + value : value;
        }
      }
    });
  }

 private:
  static constexpr size_t kChannels = 256;
  static constexpr size_t kSamples = 32;

  /** Only running values are read, which have no gradient. */
  void clearGradients(Run& run) {
    for (Operand<T>& input : this->inputs) {
      if (!input.needsGradient || input.accumulate) continue;
      forEachLane(run, input.count, [&](int lane) { std::fill_n(input.gradient(lane), input.count, T(0)); });
    }
  }

  struct Statistics {
    double mean[kChannels];
    /** Biased. */
    double variance[kChannels];
  };
  struct Sums {
    /** Σ dy and Σ dy (x - mean). */
    double plain[kChannels] = {};
    double centred[kChannels] = {};
  };

  BatchNormalizationStep(StepSpec<T>&& spec, const NodeContext& context, ProgramMode mode) : Step<T>(std::move(spec)) {
    const Shape& x = context.shape(0);
    samples_ = static_cast<size_t>(x[0]);
    channels_ = static_cast<size_t>(x[1]);
    pixels_ = elementCount(x, 2);
    epsilon_ = context.number("epsilon", 1e-5);
    momentum_ = context.number("momentum", 0.9);
    byBatch_ = mode == ProgramMode::Training || context.integer("training_mode", 0) != 0;
    movesInputs_ = mode == ProgramMode::Training && context.initializers[3] && context.initializers[4];
    if (mode == ProgramMode::Training && count() == 1) {
      context.failShape(
          "a batch of one sample without pixels has no variance to normalise by; choose a batch size that leaves no rest of one");
    }
    if (this->inputs[3].needsGradient || this->inputs[4].needsGradient) {
      context.failShape("mean and variance must be constants of the graph, not computed from weights");
    }
    means_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * channels_);
    factors_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * channels_);
  }

  /** Values of a channel. */
  size_t count() const { return samples_ * pixels_; }
  T* means(int lane) { return means_.data() + static_cast<size_t>(lane) * channels_; }
  T* factors(int lane) { return factors_.data() + static_cast<size_t>(lane) * channels_; }
  size_t offset(size_t sample, size_t channel) const { return (sample * channels_ + channel) * pixels_; }

  /** f(lane, first channel, channels) for every group of channels that is walked together. */
  template <class F>
  void forEachGroup(Run& run, F&& f) const {
    const size_t together = pixels_ == 1 ? kChannels : 1;
    const size_t groups = (channels_ + together - 1) / together;
    const size_t elements = count() * std::min(together, channels_);
    forEachBlock(run, groups, elements, itemsPerTask(elements), [&](int lane, size_t begin, size_t end) {
      for (size_t group = begin; group < end; ++group) {
        const size_t channel = group * together;
        f(lane, channel, std::min(together, channels_ - channel));
      }
    });
  }

  void measure(const T* x, size_t channel, size_t width, Statistics& statistics) const {
    const double n = static_cast<double>(count());
    double sums[kChannels] = {};
    if (pixels_ > 1) {
      for (size_t sample = 0; sample < samples_; ++sample) sums[0] += rowSum(x + offset(sample, channel), pixels_);
    } else {
      addOverSamples(width, sums, [&](size_t sample, T* into) {
        const T* row = x + offset(sample, channel);
        for (size_t i = 0; i < width; ++i) into[i] += row[i];
      });
    }
    T means[kChannels];
    for (size_t i = 0; i < width; ++i) {
      statistics.mean[i] = sums[i] / n;
      means[i] = static_cast<T>(statistics.mean[i]);
    }
    std::fill_n(sums, width, 0.0);
    if (pixels_ > 1) {
      for (size_t sample = 0; sample < samples_; ++sample) sums[0] += rowSquares(x + offset(sample, channel), pixels_, means[0]);
    } else {
      addOverSamples(width, sums, [&](size_t sample, T* into) {
        const T* row = x + offset(sample, channel);
        for (size_t i = 0; i < width; ++i) into[i] += (row[i] - means[i]) * (row[i] - means[i]);
      });
    }
    for (size_t i = 0; i < width; ++i) statistics.variance[i] = sums[i] / n;
  }

  /** sums += Σ over samples, where add(sample, into) adds the values of one sample; kSamples of them before they go to double. */
  template <class Add>
  void addOverSamples(size_t width, double* sums, Add&& add) const {
    for (size_t begin = 0; begin < samples_; begin += kSamples) {
      T block[kChannels] = {};
      for (size_t sample = begin; sample < std::min(samples_, begin + kSamples); ++sample) add(sample, block);
      for (size_t i = 0; i < width; ++i) sums[i] += static_cast<double>(block[i]);
    }
  }

  void givenStatistics(int lane, size_t channel, size_t width, Statistics& statistics) const {
    for (size_t i = 0; i < width; ++i) {
      statistics.mean[i] = static_cast<double>(this->inputs[3].data(lane)[channel + i]);
      statistics.variance[i] = static_cast<double>(this->inputs[4].data(lane)[channel + i]);
    }
  }

  /** running · momentum + batch · (1 - momentum), into the outputs that ONNX has for it and, while training, in place. */
  void moveRunning(int lane, size_t channel, size_t width, const Statistics& statistics) const {
    const double n = static_cast<double>(count());
    const auto moved = [&](size_t input, size_t at, double batch) {
      return static_cast<T>(static_cast<double>(this->inputs[input].data(lane)[at]) * momentum_ + batch * (1 - momentum_));
    };
    for (size_t i = 0; i < width; ++i) {
      const size_t at = channel + i;
      const double mean = statistics.mean[i], variance = statistics.variance[i];
      if (hasOutput(1)) this->outputs[1].mutableData(lane)[at] = moved(3, at, mean);
      if (hasOutput(2)) this->outputs[2].mutableData(lane)[at] = moved(4, at, variance);
      if (!movesInputs_) continue;
      this->inputs[3].mutableData(lane)[at] = moved(3, at, mean);
      this->inputs[4].mutableData(lane)[at] = moved(4, at, variance * n / (n - 1));
    }
  }

  bool hasOutput(size_t i) const { return i < this->outputs.size() && this->outputs[i]; }

  void apply(int lane, size_t channel, size_t width, const Statistics& statistics) {
    T* mean = means(lane) + channel;
    T* factor = factors(lane) + channel;
    for (size_t i = 0; i < width; ++i) {
      mean[i] = static_cast<T>(statistics.mean[i]);
      factor[i] = static_cast<T>(1 / std::sqrt(statistics.variance[i] + epsilon_));
    }
    if (!this->output) return;
    const T* x = this->inputs[0].data(lane);
    const T* scale = this->inputs[1].data(lane) + channel;
    const T* shift = this->inputs[2].data(lane) + channel;
    T* y = this->output.mutableData(lane);
    T slopes[kChannels];
    for (size_t i = 0; i < width; ++i) slopes[i] = factor[i] * scale[i];
    for (size_t sample = 0; sample < samples_; ++sample) {
      const size_t at = offset(sample, channel);
      if (pixels_ > 1) {
        rowStandardise(x + at, y + at, pixels_, mean[0], slopes[0], shift[0]);
        continue;
      }
      for (size_t i = 0; i < width; ++i) y[at + i] = (x[at + i] - mean[i]) * slopes[i] + shift[i];
    }
  }

  void addUp(int lane, size_t channel, size_t width, Sums& sums) {
    const bool needed = byBatch_ || this->inputs[1].needsGradient || this->inputs[2].needsGradient;
    if (!needed) return;
    const T* x = this->inputs[0].data(lane);
    const T* dy = this->output.gradient(lane);
    const T* mean = means(lane) + channel;
    if (pixels_ > 1) {
      const T* none = nullptr;
      for (size_t sample = 0; sample < samples_; ++sample) {
        const size_t at = offset(sample, channel);
        const RowSums products = rowProducts(dy + at, x + at, none, pixels_, mean[0]);
        sums.plain[0] += products.plain;
        sums.centred[0] += products.centred;
      }
      return;
    }
    addOverSamples(width, sums.plain, [&](size_t sample, T* into) {
      const T* row = dy + offset(sample, channel);
      for (size_t i = 0; i < width; ++i) into[i] += row[i];
    });
    addOverSamples(width, sums.centred, [&](size_t sample, T* into) {
      const T* gradients = dy + offset(sample, channel);
      const T* row = x + offset(sample, channel);
      for (size_t i = 0; i < width; ++i) into[i] += gradients[i] * (row[i] - mean[i]);
    });
  }

  /**
   * With f = 1 / sqrt(variance + epsilon) and n values: dx = scale · f · dy by given statistics; by those of the batch
   * dx = scale · f · (dy - Σ dy / n - (x - mean) · f² · Σ dy (x - mean) / n).
   */
  void gradientOfInput(int lane, size_t channel, size_t width, const Sums& sums) {
    const Operand<T>& target = this->inputs[0];
    const T* x = target.data(lane);
    const T* dy = this->output.gradient(lane);
    T* dx = target.gradient(lane);
    const T* scale = this->inputs[1].data(lane) + channel;
    const double n = static_cast<double>(count());
    GradientFactors<T> all[kChannels];
    for (size_t i = 0; i < width; ++i) {
      const double factor = static_cast<double>(factors(lane)[channel + i]);
      const double slope = factor * static_cast<double>(scale[i]);
      all[i] = {means(lane)[channel + i], static_cast<T>(slope), T(0), T(0)};
      if (!byBatch_) continue;
      all[i].b = static_cast<T>(-slope * factor * factor * sums.centred[i] / n);
      all[i].c = static_cast<T>(-slope * sums.plain[i] / n);
    }
    for (size_t sample = 0; sample < samples_; ++sample) {
      const size_t at = offset(sample, channel);
      if (pixels_ > 1) {
        const T* none = nullptr;
        rowStandardiseGradient(dy + at, x + at, none, dx + at, pixels_, all[0], target.accumulate);
        continue;
      }
      for (size_t i = 0; i < width; ++i) {
        const T value = all[i].a * dy[at + i] + all[i].b * (x[at + i] - all[i].mean) + all[i].c;
        dx[at + i] = target.accumulate ? dx[at + i] + value : value;
      }
    }
  }

  size_t samples_ = 1, channels_ = 1, pixels_ = 1;
  double epsilon_ = 1e-5, momentum_ = 0.9;
  bool byBatch_ = false;
  bool movesInputs_ = false;
  /** [lanes][channels]: mean and 1 / sqrt(variance + epsilon) of the last forward pass. */
  AlignedBuffer<T> means_;
  AlignedBuffer<T> factors_;
};

}  // namespace deltalab
