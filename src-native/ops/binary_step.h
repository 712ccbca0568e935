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
 * y = f(a, b) with broadcasting. Function has three static templates: value(a, b), and the factors gradientA(dy, a, b) and
 * gradientB(dy, a, b) of its derivative. An input that was spread gets the sum over the elements it was spread to, in double.
 */
template <class T, class Function>
class BinaryStep : public Step<T> {
 public:
  explicit BinaryStep(StepSpec<T>&& spec)
      : Step<T>(std::move(spec)),
        broadcast_(this->inputs[0].shape, this->inputs[1].shape, this->output.shape) {
    for (int i = 0; i < 2; ++i) {
      const Operand<T>& input = this->inputs[i];
      if (input.needsGradient && input.count != this->output.count) sums_[i].resize(input.count * this->lanes);
    }
    // [rows, n] + [n]: the usual bias.
    plainRows_ = broadcast_.sizes.size() == 2 && broadcast_.aSteps[1] == 1 && broadcast_.bSteps[1] == 1 &&
                 broadcast_.bSteps[0] == 0 && broadcast_.aSteps[0] == broadcast_.sizes[1];
  }

  void forward(Run& run) override {
    forEachLane(run, this->output.count, [&](int lane) {
      const T* a = this->inputs[0].data(lane);
      const T* b = this->inputs[1].data(lane);
      T* y = this->output.mutableData(lane);
      const size_t n = broadcast_.innerSize();
      const size_t aStep = broadcast_.aSteps.back();
      const size_t bStep = broadcast_.bSteps.back();
      broadcast_.forEachRow([&](size_t at, size_t aAt, size_t bAt) {
        const T* p = a + aAt;
        const T* q = b + bAt;
        T* out = y + at;
        if (aStep == 1 && bStep == 1) {
          for (size_t i = 0; i < n; ++i) out[i] = Function::value(p[i], q[i]);
        } else if (aStep == 1 && bStep == 0) {
          const T right = *q;
          for (size_t i = 0; i < n; ++i) out[i] = Function::value(p[i], right);
        } else {
          for (size_t i = 0; i < n; ++i) out[i] = Function::value(p[i * aStep], q[i * bStep]);
        }
      });
    });
  }

  void backward(Run& run) override {
    if (this->inputs[0].needsGradient) backwardInto<0>(run);
    if (this->inputs[1].needsGradient) backwardInto<1>(run);
  }

 private:
  template <int kInput>
  static T factor(T dy, T a, T b) {
    return kInput == 0 ? Function::gradientA(dy, a, b) : Function::gradientB(dy, a, b);
  }

  template <int kInput>
  void backwardInto(Run& run) {
    const Operand<T>& target = this->inputs[kInput];
    if (kInput == 1 && Function::kPassesGradient && plainRows_) {
      laneColumnSums(run, *this->output.storage, broadcast_.sizes[0], broadcast_.sizes[1], broadcast_.sizes[1], target,
                     Function::gradientB(T(1), T(0), T(0)));
      return;
    }
    forEachLane(run, this->output.count, [&](int lane) {
      const T* a = this->inputs[0].data(lane);
      const T* b = this->inputs[1].data(lane);
      const T* dy = this->output.gradient(lane);
      T* dx = target.gradient(lane);
      const size_t n = broadcast_.innerSize();
      const size_t aStep = broadcast_.aSteps.back();
      const size_t bStep = broadcast_.bSteps.back();
      if (target.count == this->output.count) {
        broadcast_.forEachRow([&](size_t at, size_t aAt, size_t bAt) {
          for (size_t i = 0; i < n; ++i) {
            const T value = factor<kInput>(dy[at + i], a[aAt + i * aStep], b[bAt + i * bStep]);
            dx[at + i] = target.accumulate ? dx[at + i] + value : value;
          }
        });
        return;
      }
      double* sums = sums_[kInput].data() + static_cast<size_t>(lane) * target.count;
      for (size_t i = 0; i < target.count; ++i) sums[i] = 0;
      broadcast_.forEachRow([&](size_t at, size_t aAt, size_t bAt) {
        double* into = sums + (kInput == 0 ? aAt : bAt);
        const size_t step = kInput == 0 ? aStep : bStep;
        for (size_t i = 0; i < n; ++i) {
          into[i * step] += factor<kInput>(dy[at + i], a[aAt + i * aStep], b[bAt + i * bStep]);
        }
      });
      for (size_t i = 0; i < target.count; ++i) {
        const T value = static_cast<T>(sums[i]);
        dx[i] = target.accumulate ? dx[i] + value : value;
      }
    });
  }

  Broadcast broadcast_;
  bool plainRows_ = false;
  std::vector<double> sums_[2];
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
