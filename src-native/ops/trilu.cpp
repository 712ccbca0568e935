#include "axes.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  if (context.shape(0).size() < 2) context.failShape("a matrix is needed, not " + toText(context.shape(0)));
  return {context.shape(0)};
}

template <class T>
class TriluStep : public Step<T> {
 public:
  explicit TriluStep(StepSpec<T>&& spec) : TriluStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      for (size_t i = begin; i < begin + count; ++i) y[i] = keeps(i) ? x[i] : T(0);
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* dy = this->output.gradient(lane);
      T* dx = target.gradient(lane);
      for (size_t i = begin; i < begin + count; ++i) dx[i] = (target.accumulate ? dx[i] : T(0)) + (keeps(i) ? dy[i] : T(0));
    });
  }

 private:
  TriluStep(StepSpec<T>&& spec, const NodeContext& context)
      : Step<T>(std::move(spec)), upper_(context.integer("upper", 1) != 0), diagonal_(context.has(1) ? context.constantIntegers(1).at(0) : 0) {
    columns_ = static_cast<size_t>(this->output.shape.back());
    rows_ = static_cast<size_t>(this->output.shape[this->output.shape.size() - 2]);
  }

  /** Whether an element lies on the diagonal or on the kept side of it. */
  bool keeps(size_t element) const {
    const int64_t column = static_cast<int64_t>(element % columns_);
    const int64_t row = static_cast<int64_t>(element / columns_ % rows_);
    return upper_ ? column - row >= diagonal_ : column - row <= diagonal_;
  }

  bool upper_;
  int64_t diagonal_;
  size_t rows_ = 1, columns_ = 1;
};

}  // namespace

/** The upper (`upper` 1) or lower triangle of matrices, 0 elsewhere; input 2 moves the diagonal to the right. ONNX Trilu. */
OperatorDefinition triluOperator() {
  OperatorDefinition definition;
  definition.opType = "Trilu";
  definition.maxInputs = 2;
  definition.attributes = {"upper"};
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<TriluStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3, 4})}},
            {{input({batch, 5, 3}), integerInput({}, {-1})}, {number("upper", 0)}},
            {{input({4, batch}), integerInput({}, {1})}, {number("upper", 1)}}};
  };
  return definition;
}

}  // namespace deltalab
