#pragma once

#include <utility>

#include "broadcast.h"
#include "core/operator.h"
#include "core/sample.h"
#include "reduce.h"

namespace deltalab {

/** The shape rule of operators that broadcast two inputs. */
std::vector<Shape> binaryShape(const NodeContext& context);

/**
 * y = f(a, b) with broadcasting. Function has three static templates: value(a, b), and gradientA(dy, a, b) and gradientB(dy, a, b),
 * what of dy goes to either input.
 */
template <class T, class Function>
class BinaryStep : public Step<T> {
 public:
  explicit BinaryStep(StepSpec<T>&& spec) : Step<T>(std::move(spec)) {
    loops_ = broadcastLoops<2>({&this->inputs[0].shape, &this->inputs[1].shape}, this->output.shape);
    for (int i = 0; i < 2; ++i) {
      if (this->inputs[i].needsGradient) gradients_[i] = SpreadGradient<T>(this->inputs[i], this->output.count, this->lanes);
    }
    // [rows, n] + [n]: the usual bias.
    biasRows_ = Function::kPassesGradient && loops_.rank() == 2 && loops_.step(1, 0) == 1 && loops_.step(1, 1) == 1 &&
                loops_.step(0, 1) == 0 && loops_.step(0, 0) == static_cast<std::ptrdiff_t>(loops_.size(1));
  }

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* a = this->inputs[0].data(lane);
      const T* b = this->inputs[1].data(lane);
      T* y = this->output.mutableData(lane);
      loops_.forEachRun(begin, count, [&](size_t at, const Loops<2>::Steps& from, size_t n) {
        const T* p = a + from[0];
        const T* q = b + from[1];
        T* out = y + at;
        forEachPair(n, loops_.innerStep(0), loops_.innerStep(1), [&](std::ptrdiff_t i, std::ptrdiff_t pAt, std::ptrdiff_t qAt) {
          out[i] = Function::value(p[pAt], q[qAt]);
        });
      });
    });
  }

  void backward(Run& run) override {
    if (this->inputs[0].needsGradient) backwardInto<0>(run);
    if (this->inputs[1].needsGradient) backwardInto<1>(run);
  }

 private:
  template <int kInput>
  void backwardInto(Run& run) {
    const Operand<T>& target = this->inputs[kInput];
    if (kInput == 1 && biasRows_) {
      laneColumnSums(run, *this->output.storage, loops_.size(0), loops_.size(1), loops_.size(1), target,
                     Function::gradientB(T(1), T(0), T(0)));
      return;
    }
    gradients_[kInput].write(run, loops_, kInput, target, [&](int lane) {
      const T* a = this->inputs[0].data(lane);
      const T* b = this->inputs[1].data(lane);
      const T* dy = this->output.gradient(lane);
      return [=](size_t at, std::ptrdiff_t aAt, std::ptrdiff_t bAt) {
        // What is not named as read may not be there.
        const T p = Function::kPassesGradient ? T() : a[aAt], q = Function::kPassesGradient ? T() : b[bAt];
        return kInput == 0 ? Function::gradientA(dy[at], p, q) : Function::gradientB(dy[at], p, q);
      };
    });
  }

  Loops<2> loops_;
  bool biasRows_ = false;
  SpreadGradient<T> gradients_[2];
};

/** Inputs of equal and of different shapes, spread from either side; values in [low, high). */
std::vector<OperatorSample> broadcastSamples(int64_t batch, double low = -2, double high = 2);

template <class Function>
OperatorDefinition binaryOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.shapes = binaryShape;
  definition.reads = [](const NodeContext&) { return BackwardReads{!Function::kPassesGradient, false}; };
  definition.elementwise = true;
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return std::make_unique<BinaryStep<float, Function>>(std::move(spec));
  };
  definition.createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
    return std::make_unique<BinaryStep<double, Function>>(std::move(spec));
  };
  definition.samples = [](int64_t batch) { return broadcastSamples(batch); };
  return definition;
}

}  // namespace deltalab
