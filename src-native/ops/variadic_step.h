#pragma once

#include <utility>

#include "broadcast.h"
#include "core/operator.h"
#include "core/sample.h"
#include "variadic_functions.h"

namespace deltalab {

/** The shape that all inputs spread to. */
std::vector<Shape> variadicShape(const NodeContext& context);

/** y = the inputs, spread by NumPy's rule, joined one after another by Kind (variadic_functions.h). */
template <class T, class Kind>
class VariadicStep : public Step<T> {
 public:
  explicit VariadicStep(StepSpec<T>&& spec)
      : Step<T>(std::move(spec)), scale_(Kind::kMean ? T(1) / static_cast<T>(this->inputs.size()) : T(1)) {
    bool differentiable = false;
    for (const Operand<T>& input : this->inputs) {
      loops_.push_back(broadcastLoops<2>({&input.shape, &this->output.shape}, this->output.shape));
      gradients_.push_back(input.needsGradient ? SpreadGradient<T>(input, this->output.count, this->lanes) : SpreadGradient<T>());
      differentiable = differentiable || input.needsGradient;
    }
    if (Kind::kSelects && differentiable) shares_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * this->output.count);
  }

  void forward(Run& run) override {
    // Pieces that stay in the nearest cache while the inputs are joined.
    constexpr size_t kPiece = 2048;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      for (size_t at = begin; at < begin + count; at += kPiece) joinPiece(lane, at, std::min(kPiece, begin + count - at));
    });
  }

  void backward(Run& run) override {
    if (Kind::kSelects && shares_.size() > 0) countTies(run);
    for (size_t i = 0; i < this->inputs.size(); ++i) {
      const Operand<T>& target = this->inputs[i];
      if (!target.needsGradient) continue;
      gradients_[i].write(run, loops_[i], 0, target, [&](int lane) {
        const T* x = target.data(lane);
        const T* y = this->output.data(lane);
        const T* dy = this->output.gradient(lane);
        const T* shares = Kind::kSelects ? sharesOf(lane) : nullptr;
        return [x, y, dy, shares, scale = scale_](size_t at, std::ptrdiff_t from, std::ptrdiff_t) -> T {
          if constexpr (Kind::kSelects) return x[from] == y[at] ? dy[at] * shares[at] : T(0);
          else return dy[at] * scale;
        };
      });
    }
  }

 private:
  T* sharesOf(int lane) { return shares_.data() + static_cast<size_t>(lane) * this->output.count; }

  /** f(output element, input element) over a piece. */
  template <class F>
  void forEachElement(size_t input, size_t begin, size_t count, F&& f) const {
    const Loops<2>& loops = loops_[input];
    loops.forEachRun(begin, count, [&](size_t at, const Loops<2>::Steps& from, size_t n) {
      forEachPair(n, loops.innerStep(0), loops.innerStep(1), [&](std::ptrdiff_t i, std::ptrdiff_t a, std::ptrdiff_t) {
        f(static_cast<std::ptrdiff_t>(at) + i, from[0] + a);
      });
    });
  }

  void joinPiece(int lane, size_t begin, size_t count) {
    T* y = this->output.mutableData(lane);
    for (size_t i = 0; i < this->inputs.size(); ++i) {
      const T* x = this->inputs[i].data(lane);
      if (i == 0) forEachElement(i, begin, count, [=](std::ptrdiff_t at, std::ptrdiff_t from) { y[at] = x[from]; });
      else forEachElement(i, begin, count, [=](std::ptrdiff_t at, std::ptrdiff_t from) { y[at] = Kind::join(y[at], x[from]); });
    }
    if (!Kind::kMean) return;
    for (size_t i = begin; i < begin + count; ++i) y[i] *= scale_;
  }

  /** shares = 1 / the number of inputs that are the result. */
  void countTies(Run& run) {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* y = this->output.data(lane);
      T* shares = sharesOf(lane);
      std::fill_n(shares + begin, count, T(0));
      for (size_t i = 0; i < this->inputs.size(); ++i) {
        const T* x = this->inputs[i].data(lane);
        forEachElement(i, begin, count, [=](std::ptrdiff_t at, std::ptrdiff_t from) { shares[at] += x[from] == y[at] ? T(1) : T(0); });
      }
      for (size_t i = begin; i < begin + count; ++i) shares[i] = T(1) / shares[i];
    });
  }

  T scale_;
  std::vector<Loops<2>> loops_;
  std::vector<SpreadGradient<T>> gradients_;
  AlignedBuffer<T> shares_;
};

/** A view where there is one input only. */
template <class Kind>
OperatorDefinition variadicOperator(const char* opType) {
  OperatorDefinition definition;
  definition.opType = opType;
  definition.maxInputs = 1024;
  definition.shapes = variadicShape;
  definition.reads = [](const NodeContext&) { return BackwardReads{Kind::kSelects, Kind::kSelects}; };
  definition.viewIn = [](const NodeContext& context, ProgramMode) { return context.inputCount() == 1; };
  definition.createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
    return std::make_unique<VariadicStep<float, Kind>>(std::move(spec));
  };
  definition.createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
    return std::make_unique<VariadicStep<double, Kind>>(std::move(spec));
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3}), input({batch, 3})}},
            {{input({batch, 1, 3}), input({2, 1}), input({batch, 2, 3})}},
            {{input({3}), input({}), input({batch, 1})}}};
  };
  return definition;
}

}  // namespace deltalab
