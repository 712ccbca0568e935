#include <algorithm>
#include <cmath>
#include <utility>

#include "core/memory.h"
#include "core/sample.h"
#include "loops.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  if (context.shape(0).size() < 2) context.failShape("channels are needed, as the second dimension");
  if (context.integer("size", 0) < 1) context.failAttribute("size", "a positive number of channels is needed");
  return {context.shape(0)};
}

template <class T>
class LrnStep : public Step<T> {
 public:
  explicit LrnStep(StepSpec<T>&& spec) : LrnStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    forEachSample(run, [&](int lane, size_t offset) {
      const T* x = this->inputs[0].data(lane) + offset;
      T* y = this->output.mutableData(lane) + offset;
      for (size_t c = 0; c < channels_; ++c) {
        for (size_t i = 0; i < inner_; ++i) y[c * inner_ + i] = static_cast<T>(x[c * inner_ + i] * std::pow(scaleAt(x, c, i), -beta_));
      }
    });
  }

  /** dx_c = dy_c s_c^-β - 2 (α/size) β x_c Σ dy_k x_k s_k^(-β-1) over the channels k whose window c lies in. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachSample(run, [&](int lane, size_t offset) {
      const T* x = target.data(lane) + offset;
      const T* dy = this->output.gradient(lane) + offset;
      T* dx = target.gradient(lane) + offset;
      double* scales = scales_.data() + static_cast<size_t>(lane) * target.count + offset;
      for (size_t c = 0; c < channels_; ++c) {
        for (size_t i = 0; i < inner_; ++i) scales[c * inner_ + i] = scaleAt(x, c, i);
      }
      for (size_t c = 0; c < channels_; ++c) {
        const auto [first, last] = window(c, after_, before_);
        for (size_t i = 0; i < inner_; ++i) {
          const size_t at = c * inner_ + i;
          double sum = 0;
          for (size_t k = at - (c - first) * inner_; k < at + (last - c) * inner_; k += inner_) {
            sum += static_cast<double>(dy[k]) * static_cast<double>(x[k]) * std::pow(scales[k], -beta_ - 1);
          }
          const double own = static_cast<double>(dy[at]) * std::pow(scales[at], -beta_);
          const T value = static_cast<T>(own - 2 * share_ * beta_ * static_cast<double>(x[at]) * sum);
          dx[at] = target.accumulate ? dx[at] + value : value;
        }
      }
    });
  }

 private:
  LrnStep(StepSpec<T>&& spec, const NodeContext& context)
      : Step<T>(std::move(spec)), bias_(context.number("bias", 1)), beta_(context.number("beta", 0.75)) {
    const int64_t size = context.integer("size", 1);
    share_ = context.number("alpha", 1e-4) / static_cast<double>(size);
    before_ = static_cast<size_t>((size - 1) / 2);
    after_ = static_cast<size_t>(size / 2);
    channels_ = static_cast<size_t>(this->output.shape[1]);
    inner_ = elementCount(this->output.shape, 2);
    if (this->inputs[0].needsGradient) scales_ = AlignedBuffer<double>(static_cast<size_t>(this->lanes) * this->output.count);
  }

  /** f(lane, first element of a sample). */
  template <class F>
  void forEachSample(Run& run, F&& f) const {
    const size_t size = channels_ * inner_;
    forEachRange(run, static_cast<size_t>(this->output.shape[0]), size, [&](int lane, size_t begin, size_t end) {
      for (size_t sample = begin; sample < end; ++sample) f(lane, sample * size);
    });
  }

  /** Channels from `before` before c to `after` after it (exclusive of the second), as far as there are any. */
  std::pair<size_t, size_t> window(size_t c, size_t before, size_t after) const {
    return {c - std::min(c, before), std::min(channels_, c + after + 1)};
  }

  /** bias + α/size Σ x² around channel c at place i of a sample. */
  double scaleAt(const T* x, size_t c, size_t i) const {
    const auto [first, last] = window(c, before_, after_);
    double squares = 0;
    for (size_t k = first; k < last; ++k) {
      const double value = static_cast<double>(x[k * inner_ + i]);
      squares += value * value;
    }
    return bias_ + share_ * squares;
  }

  double bias_, beta_, share_ = 0;
  size_t before_ = 0, after_ = 0;
  size_t channels_ = 1, inner_ = 1;
  /** Of backward, computed once for all windows. */
  AlignedBuffer<double> scales_;
};

}  // namespace

/** y = x / (bias + α/size Σ x²)^β over `size` neighbouring channels. ONNX LRN: local response normalisation. */
OperatorDefinition lrnOperator() {
  OperatorDefinition definition;
  definition.opType = "LRN";
  definition.attributes = {"alpha", "beta", "bias", "size"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<LrnStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5, 1, 3})}, {number("size", 3), number("alpha", 0.5)}},
            {{input({batch, 7, 2, 2})}, {number("size", 5), number("alpha", 0.3), number("beta", 0.5), number("bias", 2)}}};
  };
  return definition;
}

}  // namespace deltalab
