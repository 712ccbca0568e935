#pragma once

#include <algorithm>
#include <utility>

#include "activation_step.h"
#include "blocks.h"
#include "core/memory.h"
#include "core/operator.h"
#include "cpu/kernels/rows.h"
#include "normalise_form.h"
#include "normalise_functions.h"

namespace deltalab {

/** What every BatchNormalization step does with the statistics and the sums of a channel; see batch_normalization.cpp. */
template <class T>
class BatchNormalizationBase : public Step<T> {
 protected:
  explicit BatchNormalizationBase(StepSpec<T>&& spec)
      : BatchNormalizationBase(std::move(spec), spec.context, batchNormalizationForm(spec.context, spec.mode)) {}

  T* means(int lane) { return means_.data() + static_cast<size_t>(lane) * form_.channels; }
  T* factors(int lane) { return factors_.data() + static_cast<size_t>(lane) * form_.channels; }

  /** Takes the statistics that a channel is normalised by; those of a batch also move the running ones. `variance` is biased. */
  void takeStatistics(int lane, size_t channel, double mean, double variance) {
    if (form_.byBatch) moveRunning(lane, channel, mean, variance);
    means(lane)[channel] = static_cast<T>(mean);
    factors(lane)[channel] = standardFactor<T>(variance, form_.epsilon);
  }
  void takeGivenStatistics(int lane, size_t channel) {
    takeStatistics(lane, channel, static_cast<double>(this->inputs[3].data(lane)[channel]),
                   static_cast<double>(this->inputs[4].data(lane)[channel]));
  }

  /** Gradients of scale and shift from Σ dy and Σ dy (x - mean). */
  void writeParameterGradients(int lane, size_t channel, double plain, double centred) {
    const T values[] = {scaleGradient(factors(lane)[channel], centred), static_cast<T>(plain)};
    for (size_t which : {size_t{1}, size_t{2}}) {
      const Operand<T>& target = this->inputs[which];
      if (!target.needsGradient) continue;
      T& to = target.gradient(lane)[channel];
      const T value = values[which - 1];
      to = target.accumulate ? to + value : value;
    }
  }

  GradientFactors<T> inputGradient(int lane, size_t channel, double plain, double centred) {
    const T mean = means(lane)[channel], factor = factors(lane)[channel], scale = this->inputs[1].data(lane)[channel];
    return form_.byBatch ? batchGradient(mean, factor, scale, form_.count(), {plain, centred}) : givenGradient(mean, factor, scale);
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

  BatchNormalizationForm form_;

 private:
  BatchNormalizationBase(StepSpec<T>&& spec, const NodeContext& context, const BatchNormalizationForm& form)
      : Step<T>(std::move(spec)), form_(form), activation_(spec.activation), alpha_(spec.activationAlpha) {
    checkStatistics(context, this->inputs[3], this->inputs[4]);
    means_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * form_.channels);
    factors_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * form_.channels);
  }

  /** running · momentum + batch · (1 - momentum), into the outputs that ONNX has for it and, while training, in place. */
  void moveRunning(int lane, size_t channel, double mean, double variance) const {
    const auto moved = [&](size_t input, double batch) { return movedRunning(this->inputs[input].data(lane)[channel], batch, form_.momentum); };
    if (hasOutput(1)) this->outputs[1].mutableData(lane)[channel] = moved(3, mean);
    if (hasOutput(2)) this->outputs[2].mutableData(lane)[channel] = moved(4, variance);
    if (!form_.movesInputs) return;
    this->inputs[3].mutableData(lane)[channel] = moved(3, mean);
    this->inputs[4].mutableData(lane)[channel] = moved(4, unbiasedVariance(variance, form_.count()));
  }

  bool hasOutput(size_t i) const { return i < this->outputs.size() && this->outputs[i]; }

  Activation activation_;
  double alpha_;
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
      if (this->form_.byBatch) measure(lane, channel);
      else this->takeGivenStatistics(lane, channel);
      if (!this->output) return;
      const T mean = this->means(lane)[channel], slope = this->factors(lane)[channel] * this->inputs[1].data(lane)[channel];
      const T shift = this->inputs[2].data(lane)[channel];
      forEachPlane(channel, [&](size_t at) {
        T* y = this->output.mutableData(lane) + at;
        rowStandardise(this->inputs[0].data(lane) + at, y, this->form_.pixels, mean, slope, shift);
        this->activate(y, this->form_.pixels);
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
        this->throughActivation(this->output.data(lane) + at, dy + at, this->form_.pixels);
        const RowSums products = rowProducts(dy + at, x + at, none, this->form_.pixels, mean);
        plain += products.plain;
        centred += products.centred;
      });
      this->writeParameterGradients(lane, channel, plain, centred);
      if (!target.needsGradient) return;
      const GradientFactors<T> factors = this->inputGradient(lane, channel, plain, centred);
      forEachPlane(channel, [&](size_t at) {
        rowStandardiseGradient(dy + at, x + at, none, target.gradient(lane) + at, this->form_.pixels, factors, target.accumulate);
      });
    });
  }

 private:
  template <class F>
  void forEachChannel(Run& run, F&& f) const {
    forEachBlock(run, this->form_.channels, this->form_.count(), itemsPerTask(this->form_.count()), [&](int lane, size_t begin, size_t end) {
      for (size_t channel = begin; channel < end; ++channel) f(lane, channel);
    });
  }

  /** f(first value) for the picture of the channel in every sample. */
  template <class F>
  void forEachPlane(size_t channel, F&& f) const {
    for (size_t sample = 0; sample < this->form_.samples; ++sample) f((sample * this->form_.channels + channel) * this->form_.pixels);
  }

  void measure(int lane, size_t channel) {
    const T* x = this->inputs[0].data(lane);
    const double n = static_cast<double>(this->form_.count());
    double sum = 0, squares = 0;
    forEachPlane(channel, [&](size_t at) { sum += rowSum(x + at, this->form_.pixels); });
    const T mean = static_cast<T>(sum / n);
    forEachPlane(channel, [&](size_t at) { squares += rowSquares(x + at, this->form_.pixels, mean); });
    this->takeStatistics(lane, channel, sum / n, squares / n);
  }
};

}  // namespace deltalab
