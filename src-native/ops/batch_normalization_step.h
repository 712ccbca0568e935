#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "activation_step.h"
#include "blocks.h"
#include "core/memory.h"
#include "core/operator.h"
#include "cpu/kernels/rows.h"

namespace deltalab {

/** What every BatchNormalization step does with the statistics and the sums of a channel; see batch_normalization.cpp. */
template <class T>
class BatchNormalizationBase : public Step<T> {
 protected:
  explicit BatchNormalizationBase(StepSpec<T>&& spec) : BatchNormalizationBase(std::move(spec), spec.context, spec.mode) {}

  /** Values of a channel. */
  size_t count() const { return samples_ * pixels_; }
  T* means(int lane) { return means_.data() + static_cast<size_t>(lane) * channels_; }
  T* factors(int lane) { return factors_.data() + static_cast<size_t>(lane) * channels_; }

  /** Takes the statistics that a channel is normalised by; those of a batch also move the running ones. `variance` is biased. */
  void takeStatistics(int lane, size_t channel, double mean, double variance) {
    if (byBatch_) moveRunning(lane, channel, mean, variance);
    means(lane)[channel] = static_cast<T>(mean);
    factors(lane)[channel] = static_cast<T>(1 / std::sqrt(variance + epsilon_));
  }
  void takeGivenStatistics(int lane, size_t channel) {
    takeStatistics(lane, channel, static_cast<double>(this->inputs[3].data(lane)[channel]),
                   static_cast<double>(this->inputs[4].data(lane)[channel]));
  }

  /** Gradients of scale and shift from Σ dy and Σ dy (x - mean). */
  void writeParameterGradients(int lane, size_t channel, double plain, double centred) {
    const double values[] = {centred * static_cast<double>(factors(lane)[channel]), plain};
    for (size_t which : {size_t{1}, size_t{2}}) {
      const Operand<T>& target = this->inputs[which];
      if (!target.needsGradient) continue;
      T& to = target.gradient(lane)[channel];
      const T value = static_cast<T>(values[which - 1]);
      to = target.accumulate ? to + value : value;
    }
  }

  /**
   * With f = 1 / sqrt(variance + epsilon) and n values: dx = scale · f · dy by given statistics; by those of the batch
   * dx = scale · f · (dy - Σ dy / n - (x - mean) · f² · Σ dy (x - mean) / n).
   */
  GradientFactors<T> inputGradient(int lane, size_t channel, double plain, double centred) {
    const T mean = means(lane)[channel];
    const double n = static_cast<double>(count()), factor = static_cast<double>(factors(lane)[channel]);
    const double slope = factor * static_cast<double>(this->inputs[1].data(lane)[channel]);
    if (!byBatch_) return {mean, static_cast<T>(slope), T(0), T(0)};
    return {mean, static_cast<T>(slope), static_cast<T>(-slope * factor * factor * centred / n), static_cast<T>(-slope * plain / n)};
  }

  /** Only running values are read, which have no gradient. */
  void clearGradients(Run& run) {
    for (Operand<T>& input : this->inputs) {
      if (!input.needsGradient || input.accumulate) continue;
      forEachLane(run, input.count, [&](int lane) { std::fill_n(input.gradient(lane), input.count, T(0)); });
    }
  }

  void activate(T* y, size_t n) const {
    if (activation_ != Activation::None) applyActivation(activation_, y, y, n, alpha_);
  }
  /** Multiplies dy by f'. */
  void throughActivation(const T* y, T* dy, size_t n) const {
    if (activation_ != Activation::None) applySlope(activation_, y, dy, dy, n, alpha_);
  }

  size_t samples_ = 1, channels_ = 1, pixels_ = 1;
  bool byBatch_ = false;

 private:
  BatchNormalizationBase(StepSpec<T>&& spec, const NodeContext& context, ProgramMode mode)
      : Step<T>(std::move(spec)), activation_(spec.activation), alpha_(spec.activationAlpha) {
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

  /** running · momentum + batch · (1 - momentum), into the outputs that ONNX has for it and, while training, in place. */
  void moveRunning(int lane, size_t channel, double mean, double variance) const {
    const double n = static_cast<double>(count());
    const auto moved = [&](size_t input, double batch) {
      return static_cast<T>(static_cast<double>(this->inputs[input].data(lane)[channel]) * momentum_ + batch * (1 - momentum_));
    };
    if (hasOutput(1)) this->outputs[1].mutableData(lane)[channel] = moved(3, mean);
    if (hasOutput(2)) this->outputs[2].mutableData(lane)[channel] = moved(4, variance);
    if (!movesInputs_) return;
    this->inputs[3].mutableData(lane)[channel] = moved(3, mean);
    this->inputs[4].mutableData(lane)[channel] = moved(4, variance * n / (n - 1));
  }

  bool hasOutput(size_t i) const { return i < this->outputs.size() && this->outputs[i]; }

  Activation activation_;
  double alpha_;
  double epsilon_ = 1e-5, momentum_ = 0.9;
  bool movesInputs_ = false;
  /** [lanes][channels]: mean and 1 / sqrt(variance + epsilon) of the last forward pass. */
  AlignedBuffer<T> means_;
  AlignedBuffer<T> factors_;
};

/** BatchNormalization of planar pictures [samples][channels][pixels]. A channel is one piece of work, so that no sum is split by threads. */
template <class T>
class BatchNormalizationStep : public BatchNormalizationBase<T> {
 public:
  explicit BatchNormalizationStep(StepSpec<T>&& spec) : BatchNormalizationBase<T>(std::move(spec)) {}

  void forward(Run& run) override {
    forEachChannel(run, [&](int lane, size_t channel) {
      if (this->byBatch_) measure(lane, channel);
      else this->takeGivenStatistics(lane, channel);
      if (!this->output) return;
      const T mean = this->means(lane)[channel], slope = this->factors(lane)[channel] * this->inputs[1].data(lane)[channel];
      const T shift = this->inputs[2].data(lane)[channel];
      forEachPlane(channel, [&](size_t at) {
        T* y = this->output.mutableData(lane) + at;
        rowStandardise(this->inputs[0].data(lane) + at, y, this->pixels_, mean, slope, shift);
        this->activate(y, this->pixels_);
      });
    });
  }

  void backward(Run& run) override {
    if (!this->output.needsGradient) return this->clearGradients(run);
    forEachChannel(run, [&](int lane, size_t channel) {
      const Operand<T>& target = this->inputs[0];
      const T* x = target.data(lane);
      T* dy = this->output.gradient(lane);
      const T* none = nullptr;
      const T mean = this->means(lane)[channel];
      double plain = 0, centred = 0;
      forEachPlane(channel, [&](size_t at) {
        this->throughActivation(this->output.data(lane) + at, dy + at, this->pixels_);
        const RowSums products = rowProducts(dy + at, x + at, none, this->pixels_, mean);
        plain += products.plain;
        centred += products.centred;
      });
      this->writeParameterGradients(lane, channel, plain, centred);
      if (!target.needsGradient) return;
      const GradientFactors<T> factors = this->inputGradient(lane, channel, plain, centred);
      forEachPlane(channel, [&](size_t at) {
        rowStandardiseGradient(dy + at, x + at, none, target.gradient(lane) + at, this->pixels_, factors, target.accumulate);
      });
    });
  }

 private:
  template <class F>
  void forEachChannel(Run& run, F&& f) const {
    forEachBlock(run, this->channels_, this->count(), itemsPerTask(this->count()), [&](int lane, size_t begin, size_t end) {
      for (size_t channel = begin; channel < end; ++channel) f(lane, channel);
    });
  }

  /** f(first value) for the picture of the channel in every sample. */
  template <class F>
  void forEachPlane(size_t channel, F&& f) const {
    for (size_t sample = 0; sample < this->samples_; ++sample) f((sample * this->channels_ + channel) * this->pixels_);
  }

  void measure(int lane, size_t channel) {
    const T* x = this->inputs[0].data(lane);
    const double n = static_cast<double>(this->count());
    double sum = 0, squares = 0;
    forEachPlane(channel, [&](size_t at) { sum += rowSum(x + at, this->pixels_); });
    const T mean = static_cast<T>(sum / n);
    forEachPlane(channel, [&](size_t at) { squares += rowSquares(x + at, this->pixels_, mean); });
    this->takeStatistics(lane, channel, sum / n, squares / n);
  }
};

}  // namespace deltalab
