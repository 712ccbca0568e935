#include <cmath>

#include "cpu/kernels/elementwise.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

void exponentials(float* values, size_t n) { expForward(values, values, n); }

void exponentials(double* values, size_t n) {
  for (size_t i = 0; i < n; ++i) values[i] = std::exp(values[i]);
}

template <class T>
class SoftmaxStep : public Step<T> {
 public:
  explicit SoftmaxStep(StepSpec<T>&& spec) : SoftmaxStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    forEachLane(run, this->output.count, [&](int lane) {
      const T* x = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      // The largest value is taken away first: e^x cannot overflow then, and the result is the same.
      forEachLine([&](size_t start) {
        T largest = x[start];
        for (size_t i = 1; i < size_; ++i) {
          const T value = x[start + i * step_];
          largest = value > largest || std::isnan(value) ? value : largest;
        }
        for (size_t i = 0; i < size_; ++i) y[start + i * step_] = x[start + i * step_] - largest;
      });
      exponentials(y, this->output.count);
      forEachLine([&](size_t start) {
        double sum = 0;
        for (size_t i = 0; i < size_; ++i) sum += static_cast<double>(y[start + i * step_]);
        const T scale = static_cast<T>(1 / sum);
        for (size_t i = 0; i < size_; ++i) y[start + i * step_] *= scale;
      });
    });
  }

  /** dx_i = y_i (dy_i - Σ_j dy_j y_j). */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachLane(run, this->output.count, [&](int lane) {
      const T* y = this->output.data(lane);
      const T* dy = this->output.gradient(lane);
      T* dx = target.gradient(lane);
      forEachLine([&](size_t start) {
        double dot = 0;
        for (size_t i = 0; i < size_; ++i) {
          const size_t at = start + i * step_;
          dot += static_cast<double>(y[at]) * static_cast<double>(dy[at]);
        }
        for (size_t i = 0; i < size_; ++i) {
          const size_t at = start + i * step_;
          const T value = y[at] * (dy[at] - static_cast<T>(dot));
          dx[at] = target.accumulate ? dx[at] + value : value;
        }
      });
    });
  }

 private:
  SoftmaxStep(StepSpec<T>&& spec, const NodeContext& context) : Step<T>(std::move(spec)) {
    const Shape& shape = this->output.shape;
    const int64_t rank = static_cast<int64_t>(shape.size());
    const size_t axis = static_cast<size_t>(context.axis(-1, rank, rank - 1));
    size_ = static_cast<size_t>(shape[axis]);
    step_ = elementCount(shape, axis + 1);
  }

  /** f(offset of the first element) for every line along the axis. */
  template <class F>
  void forEachLine(F&& f) const {
    const size_t block = size_ * step_;
    for (size_t outer = 0; outer < this->output.count; outer += block) {
      for (size_t inner = 0; inner < step_; ++inner) f(outer + inner);
    }
  }

  size_t size_ = 1;
  size_t step_ = 1;
};

std::vector<Shape> shapes(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  if (rank == 0) context.failShape("a scalar has no axis");
  context.axis(-1, rank, rank - 1);
  return {context.shape(0)};
}

}  // namespace

/** e^x / Σ e^x along `axis` (the last unless given). ONNX Softmax, opset 13. */
OperatorDefinition softmaxOperator() {
  OperatorDefinition definition;
  definition.opType = "Softmax";
  definition.attributes = {"axis"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{false, true}; };
  definition.useSteps<SoftmaxStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5})}},
            {{input({batch, 3, 2})}, {number("axis", 1)}},
            {{input({batch, 3, 2})}, {number("axis", 0)}}};
  };
  return definition;
}

}  // namespace deltalab
