#include <algorithm>
#include <cmath>
#include <utility>

#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

/** ONNX's numbers of element types. */
constexpr int64_t kFloat = 1;
constexpr int64_t kInt32 = 6;
constexpr int64_t kInt64 = 7;
constexpr int64_t kBool = 9;
constexpr int64_t kDouble = 11;

std::vector<Shape> shapes(const NodeContext& context) {
  const int64_t to = context.integer("to", 0);
  if (to != kFloat && to != kInt32 && to != kInt64 && to != kBool && to != kDouble) {
    context.failShape("the element type " + std::to_string(to) + " is not known here; float, double, int32, int64 and bool are (1, 11, 6, 7, 9)");
  }
  return {context.shape(0)};
}

template <class T>
class CastStep : public Step<T> {
 public:
  explicit CastStep(StepSpec<T>&& spec) : CastStep(std::move(spec), spec.context.integer("to", kFloat)) {}

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + begin;
      T* y = this->output.mutableData(lane) + begin;
      if (!whole_) {
        std::copy_n(x, count, y);
        return;
      }
      for (size_t i = 0; i < count; ++i) y[i] = truth_ ? (x[i] != 0 ? T(1) : T(0)) : std::trunc(x[i]);
    });
  }

  /** A whole number does not change with small changes of its source. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient || (whole_ && target.accumulate)) return;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* dy = this->output.gradient(lane) + begin;
      T* dx = target.gradient(lane) + begin;
      for (size_t i = 0; i < count; ++i) dx[i] = (target.accumulate ? dx[i] : T(0)) + (whole_ ? T(0) : dy[i]);
    });
  }

 private:
  CastStep(StepSpec<T>&& spec, int64_t to) : Step<T>(std::move(spec)), truth_(to == kBool), whole_(truth_ || to == kInt32 || to == kInt64) {}

  bool truth_;
  /** Steps, through which no gradient passes. */
  bool whole_;
};

}  // namespace

/** Values as another element type. All are floats here; whole numbers are floats without a fraction, truth is 1. ONNX Cast. */
OperatorDefinition castOperator() {
  OperatorDefinition definition;
  definition.opType = "Cast";
  definition.attributes = {"to", "saturate"};
  definition.shapes = shapes;
  definition.useSteps<CastStep>();
  // Whole numbers as an answer have a type of their own in a file: the embedding of the layer catalogue tries those.
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const Attribute to = number("to", static_cast<double>(kFloat));
    return {{{input({batch, 7})}, {to}}, {{input({batch, 3, 5})}, {to, number("saturate", 1)}}};
  };
  return definition;
}

}  // namespace deltalab
