#pragma once

#include <cmath>
#include <type_traits>
#include <utility>

#include "activation_step.h"
#include "core/operator.h"
#include "core/sample.h"
#include "cpu/kernels/functions.h"
#include "unary_functions.h"

namespace deltalab {

/**
 * y = f(x), element by element. Function is made from the node (for its attributes) and has templates
 *   value(x)       f(x)
 *   slope(x, y)    f'(x), from what kReads names: the input, the output or both
 */
template <class T, class Function>
class UnaryStep : public Step<T> {
 public:
  explicit UnaryStep(StepSpec<T>&& spec) : UnaryStep(std::move(spec), Function(spec.context)) {}

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + begin;
      T* y = this->output.mutableData(lane) + begin;
      if constexpr (kKernel) {
        functionKernels().forward(function_.kernel, x, y, static_cast<std::ptrdiff_t>(count), static_cast<float>(function_.p),
                                  static_cast<float>(function_.q));
      } else {
        for (size_t i = 0; i < count; ++i) y[i] = function_.value(x[i]);
      }
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = target.data(lane) + begin;
      const T* y = this->output.data(lane) + begin;
      T* dy = this->output.gradient(lane) + begin;
      T* dx = target.gradient(lane) + begin;
      T* to = target.accumulate ? dy : dx;
      if constexpr (kKernel) {
        functionKernels().backward(function_.kernel, x, dy, to, static_cast<std::ptrdiff_t>(count),
                                   static_cast<float>(function_.p), static_cast<float>(function_.q));
      } else {
        // What is not named may not be there.
        constexpr bool kInput = Function::kReads.inputs, kOutput = Function::kReads.output;
        for (size_t i = 0; i < count; ++i) to[i] = dy[i] * function_.slope(kInput ? x[i] : T(), kOutput ? y[i] : T());
      }
      if (!target.accumulate) return;
      for (size_t i = 0; i < count; ++i) dx[i] += dy[i];
    });
  }

 private:
  static constexpr bool kKernel = std::is_same_v<T, float> && Function::kHasKernel;

  UnaryStep(StepSpec<T>&& spec, const Function& function) : Step<T>(std::move(spec)), function_(function) {}

  Function function_;
};

/** Values in [low, high), as a matrix and as a tensor of rank 3. */
inline std::vector<OperatorSample> unarySamples(int64_t batch, double low, double high) {
  return {{{input({batch, 7}, low, high)}}, {{input({batch, 2, 3}, low, high)}}};
}

template <class Function>
OperatorDefinition unaryOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.shapes = sameShape;
  definition.reads = [](const NodeContext&) { return Function::kReads; };
  definition.elementwise = true;
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return std::make_unique<UnaryStep<float, Function>>(std::move(spec));
  };
  definition.createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
    return std::make_unique<UnaryStep<double, Function>>(std::move(spec));
  };
  definition.samples = [](int64_t batch) { return unarySamples(batch, -2, 2); };
  return definition;
}

}  // namespace deltalab
