#include <algorithm>
#include <utility>

#include "cast_functions.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const int64_t to = context.integer("to", 0);
  if (to != kCastFloat && to != kCastInt32 && to != kCastInt64 && to != kCastBool && to != kCastDouble) {
    context.failShape("the element type " + std::to_string(to) + " is not known here; float, double, int32, int64 and bool are (1, 11, 6, 7, 9)");
  }
  return {context.shape(0)};
}

template <class T>
class CastStep : public Step<T> {
 public:
  explicit CastStep(StepSpec<T>&& spec) : CastStep(std::move(spec), castTarget(spec.context)) {}

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + begin;
      T* y = this->output.mutableData(lane) + begin;
      if (target_ == CastTarget::Fraction) {
        std::copy_n(x, count, y);
        return;
      }
      for (size_t i = 0; i < count; ++i) y[i] = castValue(target_, x[i]);
    });
  }

  /** A whole number does not change with small changes of its source. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    const bool passes = target_ == CastTarget::Fraction;
    if (!target.needsGradient || (!passes && target.accumulate)) return;
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* dy = this->output.gradient(lane) + begin;
      T* dx = target.gradient(lane) + begin;
      for (size_t i = 0; i < count; ++i) dx[i] = (target.accumulate ? dx[i] : T(0)) + (passes ? dy[i] : T(0));
    });
  }

 private:
  CastStep(StepSpec<T>&& spec, CastTarget target) : Step<T>(std::move(spec)), target_(target) {}

  CastTarget target_;
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
    const Attribute to = number("to", static_cast<double>(kCastFloat));
    return {{{input({batch, 7})}, {to}}, {{input({batch, 3, 5})}, {to, number("saturate", 1)}}};
  };
  return definition;
}

}  // namespace deltalab
