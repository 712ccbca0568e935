#include "broadcast.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const std::vector<int64_t>& wanted = context.constantIntegers(1);
  Shape result;
  for (int64_t size : wanted) {
    if (size < 1) context.failShape("the dimensions of " + toText(wanted) + " must be positive");
  }
  if (!broadcastShapes(context.shape(0), wanted, result)) {
    context.failShape(toText(context.shape(0)) + " cannot be spread to " + toText(wanted));
  }
  elementCount(result);
  return {result};
}

template <class T>
class ExpandStep : public Step<T> {
 public:
  explicit ExpandStep(StepSpec<T>&& spec) : Step<T>(std::move(spec)) {
    const Operand<T>& x = this->inputs[0];
    loops_ = broadcastLoops<2>({&x.shape, &this->output.shape}, this->output.shape);
    if (x.needsGradient) gradient_ = SpreadGradient<T>(x, this->output.count, this->lanes);
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

}  // namespace

/** The input repeated so that its shape and input 2 spread to each other. ONNX Expand. */
OperatorDefinition expandOperator() {
  OperatorDefinition definition;
  definition.opType = "Expand";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<ExpandStep>();
  definition.viewIn = [](const NodeContext& context, ProgramMode) { return shapes(context)[0] == context.shape(0); };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const double rows = static_cast<double>(batch);
    return {{{input({batch, 1, 3}), integerInput({2, 1})}},
            {{input({batch, 1}), integerInput({rows, 5})}},
            {{input({}), integerInput({rows, 2})}}};
  };
  return definition;
}

}  // namespace deltalab
