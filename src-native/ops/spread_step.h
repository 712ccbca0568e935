#pragma once

#include <utility>

#include "broadcast.h"
#include "core/operator.h"

namespace deltalab {

/** x seen as `from` spread by NumPy's rule to `to`, which is y seen with other dimensions. */
struct SpreadForm {
  Shape from, to;
};

SpreadForm expandForm(const NodeContext& context);
SpreadForm tileForm(const NodeContext& context);

/** y = x repeated. */
template <class T>
class SpreadStep : public Step<T> {
 public:
  SpreadStep(StepSpec<T>&& spec, const SpreadForm& form) : Step<T>(std::move(spec)) {
    loops_ = broadcastLoops<2>({&form.from, &form.to}, form.to);
    if (this->inputs[0].needsGradient) gradient_ = SpreadGradient<T>(this->inputs[0], this->output.count, this->lanes);
  }

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      loops_.forEachRun(begin, count, [&](size_t at, const Loops<2>::Steps& from, size_t n) {
        const T* row = x + from[0];
        T* out = y + at;
        forEachPair(n, loops_.innerStep(0), loops_.innerStep(1), [&](std::ptrdiff_t i, std::ptrdiff_t a, std::ptrdiff_t) { out[i] = row[a]; });
      });
    });
  }

  void backward(Run& run) override {
    if (!this->inputs[0].needsGradient) return;
    gradient_.write(run, loops_, 0, this->inputs[0], [&](int lane) {
      const T* dy = this->output.gradient(lane);
      return [dy](size_t at, std::ptrdiff_t, std::ptrdiff_t) { return dy[at]; };
    });
  }

 private:
  Loops<2> loops_;
  SpreadGradient<T> gradient_;
};

}  // namespace deltalab
