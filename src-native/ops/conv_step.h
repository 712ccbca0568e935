#pragma once

#include <algorithm>
#include <utility>

#include "activation_step.h"
#include "cpu/conv_plain.h"
#include "window.h"

namespace deltalab {

/**
 * Conv and ConvTranspose by the formula: the double precision, and three dimensions of space. A transposed convolution computes
 * forward what a convolution computes backward, and the other way round.
 */
template <class T>
class PlainConvStep : public Step<T> {
 public:
  PlainConvStep(StepSpec<T>&& spec, bool transposed)
      : PlainConvStep(std::move(spec), transposed ? convTransposeShape(spec.context) : convShape(spec.context), transposed,
                      spec.activation, spec.activationAlpha) {}

  void forward(Run& run) override {
    const size_t channels = static_cast<size_t>(this->output.shape[1]);
    forEachLane(run, this->output.count * kWorkPerValue, [&](int lane) {
      const T* x = this->inputs[0].data(lane);
      const T* weights = this->inputs[1].data(lane);
      const T* bias = hasBias() ? this->inputs[2].data(lane) : nullptr;
      T* y = this->output.mutableData(lane);
      const size_t plane = ySample_ / channels;
      for (size_t i = 0; i < this->output.count / plane; ++i) {
        std::fill(y + i * plane, y + (i + 1) * plane, bias ? bias[i % channels] : T(0));
      }
      for (int64_t i = 0; i < shape_.batch; ++i, x += xSample_, y += ySample_) {
        if (transposed_) convTransposedPlain(shape_, x, weights, y);
        else convPlain(shape_, x, weights, y);
      }
      y = this->output.mutableData(lane);
      if (activation_ != Activation::None) applyActivation(activation_, y, y, this->output.count, activationAlpha_);
    });
  }

  void backward(Run& run) override {
    const Operand<T>& x = this->inputs[0];
    const Operand<T>& weights = this->inputs[1];
    forEachLane(run, this->output.count * kWorkPerValue, [&](int lane) {
      T* dy = this->output.gradient(lane);
      if (activation_ != Activation::None) applySlope(activation_, this->output.data(lane), dy, dy, this->output.count, activationAlpha_);
      if (weights.needsGradient) {
        T* dw = weights.gradient(lane);
        if (!weights.accumulate) std::fill(dw, dw + weights.count, T(0));
        const T* values = x.data(lane);
        const T* gradient = dy;
        for (int64_t i = 0; i < shape_.batch; ++i, values += xSample_, gradient += ySample_) {
          if (transposed_) convWeightsPlain(shape_, gradient, values, dw);
          else convWeightsPlain(shape_, values, gradient, dw);
        }
      }
      if (hasBias() && this->inputs[2].needsGradient) biasGradient(dy, lane);
      if (x.needsGradient) {
        T* dx = x.gradient(lane);
        if (!x.accumulate) std::fill(dx, dx + x.count, T(0));
        for (int64_t i = 0; i < shape_.batch; ++i, dx += xSample_, dy += ySample_) {
          if (transposed_) convPlain(shape_, dy, weights.data(lane), dx);
          else convTransposedPlain(shape_, dy, weights.data(lane), dx);
        }
      }
    });
  }

 private:
  /** Roughly, to tell when a second thread pays. */
  static constexpr size_t kWorkPerValue = 16;

  PlainConvStep(StepSpec<T>&& spec, ConvShape shape, bool transposed, Activation activation, double alpha)
      : Step<T>(std::move(spec)), shape_(shape), transposed_(transposed), activation_(activation), activationAlpha_(alpha) {
    xSample_ = elementCount(this->inputs[0].shape, 1);
    ySample_ = elementCount(this->output.shape, 1);
  }

  bool hasBias() const { return this->inputs.size() > 2 && this->inputs[2]; }

  void biasGradient(const T* dy, int lane) {
    const Operand<T>& bias = this->inputs[2];
    const size_t plane = ySample_ / bias.count;
    for (size_t c = 0; c < bias.count; ++c) {
      double sum = 0;
      for (int64_t i = 0; i < shape_.batch; ++i) {
        const T* from = dy + static_cast<size_t>(i) * ySample_ + c * plane;
        for (size_t j = 0; j < plane; ++j) sum += static_cast<double>(from[j]);
      }
      T& to = bias.gradient(lane)[c];
      to = bias.accumulate ? to + static_cast<T>(sum) : static_cast<T>(sum);
    }
  }

  ConvShape shape_;
  bool transposed_;
  Activation activation_;
  double activationAlpha_;
  size_t xSample_ = 0, ySample_ = 0;
};

}  // namespace deltalab
