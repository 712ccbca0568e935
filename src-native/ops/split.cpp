#include "concat_split.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

size_t axisOf(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  if (rank == 0) context.failShape("a scalar cannot be split");
  return static_cast<size_t>(context.axis(0, rank, rank - 1));
}

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const size_t axis = axisOf(context);
  const size_t outputs = context.node->outputs.size();
  const int64_t count = static_cast<int64_t>(outputs);
  std::vector<int64_t> sizes;
  if (context.has(1)) {
    sizes = context.constantIntegers(1);
    int64_t sum = 0;
    for (int64_t size : sizes) {
      if (size < 1 || size > shape[axis]) context.failShape("a part of " + std::to_string(size) + " of " + toText(shape) + " is not possible");
      sum += size;
    }
    if (sizes.size() != outputs || sum != shape[axis]) {
      context.failShape("the parts " + toText(sizes) + " are not dimension " + std::to_string(axis) + " of " + toText(shape) + " in " +
                        std::to_string(outputs) + " outputs");
    }
  } else {
    if (context.integer("num_outputs", count) != count) context.failAttribute("num_outputs", "the node has " + std::to_string(count) + " outputs");
    // Equal parts; the last is smaller where that leaves a rest.
    const int64_t size = (shape[axis] + count - 1) / count;
    for (int64_t i = 0; i < count; ++i) sizes.push_back(std::min(size, shape[axis] - i * size));
    if (sizes.back() < 1) {
      context.failShape("dimension " + std::to_string(axis) + " of " + toText(shape) + " cannot be split into " + std::to_string(count));
    }
  }
  std::vector<Shape> result;
  for (int64_t size : sizes) {
    result.push_back(shape);
    result.back()[axis] = size;
  }
  return result;
}

template <class T>
class SplitStep : public Step<T> {
 public:
  explicit SplitStep(StepSpec<T>&& spec) : Step<T>(std::move(spec)), parts_(splitParts(spec.context)) {}

  void forward(Run& run) override {
    parts_.forEachPiece(run, [&](int lane, size_t part, size_t to, size_t from, size_t n) {
      const Operand<T>& output = this->outputs[part];
      if (output) std::copy_n(this->inputs[0].data(lane) + from, n, output.mutableData(lane) + to);
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    parts_.forEachPiece(run, [&](int lane, size_t part, size_t from, size_t to, size_t n) {
      const Operand<T>& output = this->outputs[part];
      T* dx = target.gradient(lane) + to;
      if (output && output.needsGradient) copyOrAdd<T>(output.gradient(lane) + from, dx, n, target.accumulate);
      else if (!target.accumulate) std::fill_n(dx, n, T(0));
    });
  }

 private:
  Parts parts_;
};

}  // namespace

Parts splitParts(const NodeContext& context) { return Parts(shapes(context), axisOf(context)); }

/** The input in parts along `axis` (0 unless given): of the sizes of input 2, or as equal as they can be. ONNX Split. */
OperatorDefinition splitOperator() {
  OperatorDefinition definition;
  definition.opType = "Split";
  definition.maxInputs = 2;
  definition.maxOutputs = 1024;
  definition.attributes = {"axis", "num_outputs"};
  definition.constants = {1};
  definition.shapes = shapes;
  definition.useSteps<SplitStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 6}), integerInput({1, 3, 2})}, {number("axis", 1)}, 3},
            {{input({batch, 5, 2})}, {number("axis", -2), number("num_outputs", 2)}, 2},
            {{input({3, batch})}, {number("num_outputs", 3)}, 3}};
  };
  return definition;
}

}  // namespace deltalab
