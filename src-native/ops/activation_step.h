#pragma once

#include <cmath>
#include <utility>

#include "core/both.h"
#include "core/operator.h"
#include "core/sample.h"
#include "cpu/kernels/elementwise.h"

namespace deltalab {

/** The scalar definition of the activations: what the double precision and the unusual parameters use, and tests compare with. */
template <class T>
DELTALAB_BOTH T activationValue(Activation activation, T x, T alpha) {
  switch (activation) {
    case Activation::None: return x;
    case Activation::Relu: return x > 0 || std::isnan(x) ? x : T(0);
    case Activation::LeakyRelu: return x < 0 ? alpha * x : x;
    case Activation::Elu: return x < 0 ? alpha * std::expm1(x) : x;
    case Activation::Sigmoid: {
      // exp of a negative number only, so that it cannot overflow.
      const T e = std::exp(-std::fabs(x));
      return x >= 0 ? 1 / (1 + e) : e / (1 + e);
    }
    case Activation::Tanh: return std::tanh(x);
    case Activation::Softplus: return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::fabs(x)));
  }
  return x;
}

/** f'(x) from the input and the output. */
template <class T>
DELTALAB_BOTH T activationSlope(Activation activation, T x, T y, T alpha) {
  switch (activation) {
    case Activation::None: return 1;
    case Activation::Relu: return x > 0 ? T(1) : T(0);
    case Activation::LeakyRelu: return x > 0 ? T(1) : alpha;
    case Activation::Elu: return x > 0 ? T(1) : y + alpha;
    case Activation::Sigmoid: return y * (1 - y);
    case Activation::Tanh: return 1 - y * y;
    case Activation::Softplus: return activationValue(Activation::Sigmoid, x, T(0));
  }
  return 1;
}

/** f'(x) from the output alone; LeakyRelu and Elu need alpha >= 0 (the sign of y is then the sign of x). */
template <class T>
DELTALAB_BOTH T activationSlopeFromOutput(Activation activation, T y, T alpha) {
  // Softplus: y = log(1 + e^x), so f' = 1 - e^-y.
  if (activation == Activation::Softplus) return -std::expm1(-y);
  return activationSlope(activation, y, y, alpha);
}

inline void applyActivation(Activation activation, const float* x, float* y, size_t n, double alpha) {
  activationForward(activation, x, y, n, static_cast<float>(alpha));
}

inline void applyActivation(Activation activation, const double* x, double* y, size_t n, double alpha) {
  for (size_t i = 0; i < n; ++i) y[i] = activationValue(activation, x[i], alpha);
}

inline void applySlope(Activation activation, const float* y, const float* dy, float* dx, size_t n, double alpha) {
  activationBackward(activation, y, dy, dx, n, static_cast<float>(alpha));
}

inline void applySlope(Activation activation, const double* y, const double* dy, double* dx, size_t n, double alpha) {
  for (size_t i = 0; i < n; ++i) dx[i] = dy[i] * activationSlopeFromOutput(activation, y[i], alpha);
}

/** y = f(x), element by element; backward from the output, or from the input where the parameter makes that impossible. */
template <class T>
class ActivationStep : public Step<T> {
 public:
  explicit ActivationStep(StepSpec<T>&& spec) : ActivationStep(std::move(spec), spec.activation, spec.activationAlpha) {}

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + begin;
      T* y = this->output.mutableData(lane) + begin;
      if (fromInput_) {
        for (size_t i = 0; i < count; ++i) y[i] = activationValue(activation_, x[i], static_cast<T>(alpha_));
      } else {
        applyActivation(activation_, x, y, count, alpha_);
      }
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* y = this->output.data(lane) + begin;
      T* dy = this->output.gradient(lane) + begin;
      T* dx = target.gradient(lane) + begin;
      if (fromInput_) {
        const T* x = target.data(lane) + begin;
        const T alpha = static_cast<T>(alpha_);
        for (size_t i = 0; i < count; ++i) dy[i] *= activationSlope(activation_, x[i], y[i], alpha);
      } else {
        applySlope(activation_, y, dy, target.accumulate ? dy : dx, count, alpha_);
      }
      if (target.accumulate) {
        for (size_t i = 0; i < count; ++i) dx[i] += dy[i];
      } else if (fromInput_) {
        for (size_t i = 0; i < count; ++i) dx[i] = dy[i];
      }
    });
  }

 private:
  ActivationStep(StepSpec<T>&& spec, Activation activation, double alpha)
      : Step<T>(std::move(spec)), activation_(activation), alpha_(alpha), fromInput_(alpha < 0) {}

  Activation activation_;
  double alpha_;
  bool fromInput_;
};

inline std::vector<Shape> sameShape(const NodeContext& context) { return {context.shape(0)}; }

template <class T, Activation kActivation>
std::unique_ptr<Step<T>> createActivation(StepSpec<T>&& spec) {
  spec.activation = kActivation;
  return std::make_unique<ActivationStep<T>>(std::move(spec));
}

/** An operator of one input whose backward needs the output only. */
template <Activation kActivation>
OperatorDefinition activationOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.shapes = sameShape;
  definition.reads = [](const NodeContext&) { return BackwardReads{false, true}; };
  definition.elementwise = true;
  definition.createFloat = createActivation<float, kActivation>;
  definition.createDouble = createActivation<double, kActivation>;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> { return {{{input({batch, 7})}}, {{input({batch, 2, 3})}}}; };
  return definition;
}

}  // namespace deltalab
