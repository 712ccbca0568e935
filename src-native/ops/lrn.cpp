#include <cmath>
#include <utility>

#include "core/memory.h"
#include "core/sample.h"
#include "loops.h"
#include "lrn_form.h"
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
  explicit LrnStep(StepSpec<T>&& spec) : LrnStep(std::move(spec), lrnForm(spec.context)) {}

  void forward(Run& run) override {
    const size_t channels = form_.channels, inner = form_.inner;
    forEachSample(run, [&](int lane, size_t offset) {
      const T* x = this->inputs[0].data(lane) + offset;
      T* y = this->output.mutableData(lane) + offset;
      for (size_t c = 0; c < channels; ++c) {
        for (size_t i = 0; i < inner; ++i) y[c * inner + i] = static_cast<T>(x[c * inner + i] * std::pow(form_.scaleAt(x, c, i), -form_.beta));
      }
    });
  }

  /** dx_c = dy_c s_c^-β - 2 (α/size) β x_c Σ dy_k x_k s_k^(-β-1) over the channels k whose window c lies in. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    const size_t channels = form_.channels, inner = form_.inner;
    forEachSample(run, [&](int lane, size_t offset) {
      const T* x = target.data(lane) + offset;
      const T* dy = this->output.gradient(lane) + offset;
      T* dx = target.gradient(lane) + offset;
      double* scales = scales_.data() + static_cast<size_t>(lane) * target.count + offset;
      for (size_t c = 0; c < channels; ++c) {
        for (size_t i = 0; i < inner; ++i) scales[c * inner + i] = form_.scaleAt(x, c, i);
      }
      for (size_t c = 0; c < channels; ++c) {
        const LrnForm::Window window = form_.readersOf(c);
        for (size_t i = 0; i < inner; ++i) {
          const size_t at = c * inner + i;
          double sum = 0;
          for (size_t k = at - (c - window.first) * inner; k < at + (window.end - c) * inner; k += inner) {
            sum += static_cast<double>(dy[k]) * static_cast<double>(x[k]) * std::pow(scales[k], -form_.beta - 1);
          }
          const double own = static_cast<double>(dy[at]) * std::pow(scales[at], -form_.beta);
          const T value = static_cast<T>(own - 2 * form_.share * form_.beta * static_cast<double>(x[at]) * sum);
          dx[at] = target.accumulate ? dx[at] + value : value;
        }
      }
    });
  }

 private:
  LrnStep(StepSpec<T>&& spec, const LrnForm& form) : Step<T>(std::move(spec)), form_(form) {
    if (this->inputs[0].needsGradient) scales_ = AlignedBuffer<double>(static_cast<size_t>(this->lanes) * this->output.count);
  }

  /** f(lane, first element of a sample). */
  template <class F>
  void forEachSample(Run& run, F&& f) const {
    const size_t size = form_.channels * form_.inner;
    forEachRange(run, static_cast<size_t>(this->output.shape[0]), size, [&](int lane, size_t begin, size_t end) {
      for (size_t sample = begin; sample < end; ++sample) f(lane, sample * size);
    });
  }

  LrnForm form_;
  /** Of backward, computed once for all windows. */
  AlignedBuffer<double> scales_;
};

}  // namespace

LrnForm lrnForm(const NodeContext& context) {
  const int64_t size = context.integer("size", 1);
  LrnForm form;
  form.bias = context.number("bias", form.bias);
  form.beta = context.number("beta", form.beta);
  form.share = context.number("alpha", 1e-4) / static_cast<double>(size);
  form.before = static_cast<size_t>((size - 1) / 2);
  form.after = static_cast<size_t>(size / 2);
  form.channels = static_cast<size_t>(context.shape(0)[1]);
  form.inner = elementCount(context.shape(0), 2);
  return form;
}

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
