#pragma once

#include "axes.h"
#include "core/operator.h"
#include "core/sample.h"
#include "loops.h"

namespace deltalab {

/** Place of the largest (sign 1) or smallest (sign -1) element along `axis`: of equal ones the first, or the last. */
template <class T, int sign>
class ArgExtremeStep : public Step<T> {
 public:
  explicit ArgExtremeStep(StepSpec<T>&& spec) : ArgExtremeStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    forEachRange(run, this->output.count, size_, [&](int lane, size_t begin, size_t end) {
      const T* x = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      for (size_t i = begin; i < end; ++i) {
        const T* first = x + i / blocks_.inner * size_ * blocks_.inner + i % blocks_.inner;
        size_t best = 0;
        for (size_t j = 1; j < size_; ++j) {
          const T a = sign * first[j * blocks_.inner], b = sign * first[best * blocks_.inner];
          if (a > b || (last_ && a == b)) best = j;
        }
        y[i] = static_cast<T>(best);
      }
    });
  }

  /** A place does not change with small changes of the values. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient || target.accumulate) return;
    forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) { std::fill_n(target.gradient(lane) + begin, count, T(0)); });
  }

 private:
  ArgExtremeStep(StepSpec<T>&& spec, const NodeContext& context) : Step<T>(std::move(spec)), last_(context.integer("select_last_index", 0) != 0) {
    const int64_t rank = static_cast<int64_t>(context.shape(0).size());
    const size_t axis = static_cast<size_t>(context.axis(0, rank, rank - 1));
    size_ = static_cast<size_t>(context.shape(0)[axis]);
    blocks_ = blocksAround(context.shape(0), axis, axis + 1);
  }

  bool last_;
  size_t size_ = 1;
  Blocks blocks_;
};

/** All but the steps and the name. */
OperatorDefinition argExtremeOperator(const char* opType);

}  // namespace deltalab
