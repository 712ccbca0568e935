#include "axes.h"
#include "core/sample.h"
#include "strided_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** What is taken of one dimension: `size` elements from `start` on, `step` apart. */
struct Range {
  int64_t start = 0;
  int64_t step = 1;
  int64_t size = 0;
};

/** ONNX: negative positions count from the end; positions beyond the ends are cut off there. */
Range rangeOf(int64_t start, int64_t end, int64_t step, int64_t size) {
  // Ends are often the largest or smallest int64.
  const auto place = [&](int64_t value, int64_t lowest, int64_t highest) {
    if (value < 0) value = value < -size ? -1 : value + size;
    return std::min(std::max(value, lowest), highest);
  };
  Range range{0, step, 0};
  if (step > 0) {
    range.start = place(start, 0, size);
    const int64_t last = place(end, 0, size);
    if (last > range.start) range.size = (last - range.start - 1) / step + 1;
  } else {
    range.start = place(start, 0, size - 1);
    const int64_t last = place(end, -1, size - 1);
    if (range.start > last) range.size = range.step == INT64_MIN ? 1 : (range.start - last - 1) / -step + 1;
  }
  return range;
}

std::vector<Range> rangesOf(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<int64_t>& starts = context.constantIntegers(1);
  const std::vector<int64_t>& ends = context.constantIntegers(2);
  std::vector<Range> ranges;
  for (int64_t size : shape) ranges.push_back({0, 1, size});
  std::vector<int64_t> axes;
  if (context.has(3)) {
    axes = context.constantIntegers(3);
  } else {
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  const std::vector<int64_t> steps = context.has(4) ? context.constantIntegers(4) : std::vector<int64_t>(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size()) {
    context.failShape("starts, ends, axes and steps differ in length");
  }
  const std::vector<size_t> dimensions = dimensionsOf(context, axes, shape.size());
  for (size_t i = 0; i < dimensions.size(); ++i) {
    if (steps[i] == 0) context.failShape("a step of 0 never ends");
    const int64_t size = shape[dimensions[i]];
    Range& range = ranges[dimensions[i]];
    range = rangeOf(starts[i], ends[i], steps[i], size);
    if (range.size == 0) {
      context.failShape("nothing is left of dimension " + std::to_string(dimensions[i]) + " of " + toText(shape) + " from " +
                        std::to_string(starts[i]) + " to " + std::to_string(ends[i]));
    }
  }
  return ranges;
}

std::vector<Shape> shapes(const NodeContext& context) {
  Shape result;
  for (const Range& range : rangesOf(context)) result.push_back(range.size);
  return {result};
}

template <class T>
class SliceStep : public StridedStep<T> {
 public:
  explicit SliceStep(StepSpec<T>&& spec) : StridedStep<T>(std::move(spec), sliceForm(spec.context)) {}
};

}  // namespace

StridedForm sliceForm(const NodeContext& context) {
  const std::vector<Range> ranges = rangesOf(context);
  const std::vector<std::ptrdiff_t> strides = stridesOf(context.shape(0));
  StridedForm form;
  for (size_t i = 0; i < ranges.size(); ++i) {
    // A step is only multiplied where it is taken: it may be larger than any address.
    const std::ptrdiff_t step = ranges[i].size > 1 ? static_cast<std::ptrdiff_t>(ranges[i].step) * strides[i] : 0;
    form.loops.add(static_cast<size_t>(ranges[i].size), {step});
    form.offset += static_cast<std::ptrdiff_t>(ranges[i].start) * strides[i];
  }
  return form;
}

/** Elements `start` to `end` (exclusive) of some dimensions, `step` apart; backwards where a step is negative. ONNX Slice. */
OperatorDefinition sliceOperator() {
  OperatorDefinition definition;
  definition.opType = "Slice";
  definition.minInputs = 3;
  definition.maxInputs = 5;
  definition.constants = {1, 2, 3, 4};
  definition.shapes = shapes;
  definition.useSteps<SliceStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5}), integerInput({0, 1}), integerInput({1000, -1})}},
            {{input({batch, 3, 7}), integerInput({-2, 1}), integerInput({-100, 6}), integerInput({1, 2}), integerInput({-1, 2})}},
            {{input({4, 2, batch}), integerInput({-1}), integerInput({-5}), integerInput({-3}), integerInput({-1})}}};
  };
  return definition;
}

}  // namespace deltalab
