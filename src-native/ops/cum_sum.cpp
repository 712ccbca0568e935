#include "axes.h"
#include "core/sample.h"
#include "loops.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  if (context.shape(0).empty()) context.failShape("a scalar has nothing to sum along");
  if (context.constantIntegers(1).size() != 1) context.failShape("one axis is needed");
  dimensionsOf(context, context.constantIntegers(1), context.shape(0).size());
  return {context.shape(0)};
}

template <class T>
class CumSumStep : public Step<T> {
 public:
  explicit CumSumStep(StepSpec<T>&& spec) : CumSumStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    forEachRange(run, blocks_.outer, size_ * blocks_.inner, [&](int lane, size_t begin, size_t end) {
      sum(this->inputs[0].data(lane), this->output.mutableData(lane), begin, end, reverse_, false);
    });
  }

  /** The same sums from the other end. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachRange(run, blocks_.outer, size_ * blocks_.inner, [&](int lane, size_t begin, size_t end) {
      sum(this->output.gradient(lane), target.gradient(lane), begin, end, !reverse_, target.accumulate);
    });
  }

 private:
  CumSumStep(StepSpec<T>&& spec, const NodeContext& context)
      : Step<T>(std::move(spec)),
        axis_(dimensionsOf(context, context.constantIntegers(1), context.shape(0).size())[0]),
        size_(static_cast<size_t>(context.shape(0)[axis_])),
        blocks_(blocksAround(context.shape(0), axis_, axis_ + 1)),
        exclusive_(context.integer("exclusive", 0) != 0),
        reverse_(context.integer("reverse", 0) != 0) {}

  void sum(const T* from, T* to, size_t begin, size_t end, bool reverse, bool accumulate) const {
    for (size_t outer = begin; outer < end; ++outer) {
      for (size_t inner = 0; inner < blocks_.inner; ++inner) {
        double total = 0;
        for (size_t i = 0; i < size_; ++i) {
          const size_t at = (outer * size_ + (reverse ? size_ - 1 - i : i)) * blocks_.inner + inner;
          const double before = total;
          total += static_cast<double>(from[at]);
          const T value = static_cast<T>(exclusive_ ? before : total);
          to[at] = accumulate ? to[at] + value : value;
        }
      }
    }
  }

  size_t axis_, size_;
  Blocks blocks_;
  bool exclusive_, reverse_;
};

}  // namespace

/** Sums of all elements up to each, along the axis that input 2 names; `exclusive`: without it, `reverse`: from the end. ONNX CumSum. */
OperatorDefinition cumSumOperator() {
  OperatorDefinition definition;
  definition.opType = "CumSum";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.attributes = {"exclusive", "reverse"};
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<CumSumStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5}), integerInput({}, {1})}},
            {{input({batch, 3, 2}), integerInput({}, {-2})}, {number("exclusive", 1)}},
            {{input({batch, 3, 4}), integerInput({}, {2})}, {number("exclusive", 1), number("reverse", 1)}},
            {{input({4, batch}), integerInput({}, {0})}, {number("reverse", 1)}}};
  };
  return definition;
}

}  // namespace deltalab
