#include "concat_split.h"
#include "core/sample.h"
#include "table.h"

namespace deltalab {

namespace {

size_t axisOf(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  if (rank == 0) context.failShape("scalars cannot be joined");
  if (!context.hasAttribute("axis")) context.failAttribute("axis", "it is missing");
  return static_cast<size_t>(context.axis(0, rank, rank - 1));
}

std::vector<Shape> shapes(const NodeContext& context) {
  const size_t axis = axisOf(context);
  Shape result = context.shape(0);
  for (size_t i = 1; i < context.inputCount(); ++i) {
    if (!context.has(i)) context.failShape("input " + std::to_string(i + 1) + " is missing");
    Shape next = context.shape(i);
    const int64_t size = next.size() == result.size() ? next[axis] : 0;
    if (size > 0) next[axis] = result[axis];
    if (next != result) {
      context.failShape("the shapes " + toText(context.shape(0)) + " and " + toText(context.shape(i)) +
                        " cannot be joined along dimension " + std::to_string(axis));
    }
    result[axis] += size;
  }
  return {result};
}

template <class T>
class ConcatStep : public Step<T> {
 public:
  explicit ConcatStep(StepSpec<T>&& spec) : Step<T>(std::move(spec)), parts_(concatParts(spec.context)) {}

  void forward(Run& run) override {
    parts_.forEachPiece(run, [&](int lane, size_t part, size_t from, size_t to, size_t n) {
      std::copy_n(this->inputs[part].data(lane) + from, n, this->output.mutableData(lane) + to);
    });
  }

  void backward(Run& run) override {
    parts_.forEachPiece(run, [&](int lane, size_t part, size_t from, size_t to, size_t n) {
      const Operand<T>& target = this->inputs[part];
      if (target.needsGradient) copyOrAdd(this->output.gradient(lane) + to, target.gradient(lane) + from, n, target.accumulate);
    });
  }

 private:
  Parts parts_;
};

}  // namespace

Parts concatParts(const NodeContext& context) {
  std::vector<Shape> inputs;
  for (size_t i = 0; i < context.inputCount(); ++i) inputs.push_back(context.shape(i));
  return Parts(inputs, axisOf(context));
}

/** The inputs one after another along `axis`. ONNX Concat; a view where there is one only. */
OperatorDefinition concatOperator() {
  OperatorDefinition definition;
  definition.opType = "Concat";
  definition.maxInputs = 1024;
  definition.attributes = {"axis"};
  definition.shapes = shapes;
  definition.useSteps<ConcatStep>();
  definition.viewIn = [](const NodeContext& context, ProgramMode) { return context.inputCount() == 1; };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3}), input({batch, 3})}, {number("axis", 1)}},
            {{input({batch, 2, 3}), input({batch, 1, 3}), input({batch, 3, 3})}, {number("axis", -2)}},
            {{input({batch, 2}), input({2, 2}), input({1, 2})}, {number("axis", 0)}}};
  };
  return definition;
}

}  // namespace deltalab
