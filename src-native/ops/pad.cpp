#include <cstdlib>

#include "axes.h"
#include "core/sample.h"
#include "loops.h"
#include "pad_form.h"
#include "table.h"

namespace deltalab {

namespace {

/** Elements added before and after every dimension; negative: taken away. */
struct Padding {
  std::vector<int64_t> before, after;
};

Padding paddingOf(const NodeContext& context) {
  const size_t rank = context.shape(0).size();
  const std::vector<int64_t>& pads = context.constantIntegers(1);
  std::vector<int64_t> axes;
  if (context.has(3)) {
    axes = context.constantIntegers(3);
  } else {
    for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int64_t>(i));
  }
  const std::vector<size_t> dimensions = dimensionsOf(context, axes, rank);
  if (pads.size() != 2 * dimensions.size()) {
    context.failShape("it has " + std::to_string(pads.size()) + " pads, but " + std::to_string(dimensions.size()) +
                      " dimensions need two each");
  }
  Padding padding{std::vector<int64_t>(rank, 0), std::vector<int64_t>(rank, 0)};
  for (size_t i = 0; i < dimensions.size(); ++i) {
    padding.before[dimensions[i]] = pads[i];
    padding.after[dimensions[i]] = pads[i + dimensions.size()];
  }
  return padding;
}

std::vector<Shape> shapes(const NodeContext& context) {
  constexpr int64_t kMost = int64_t{1} << 40;
  const std::string mode = context.text("mode", "constant");
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") {
    context.failAttribute("mode", mode + " is not constant, reflect, edge or wrap");
  }
  context.constantNumber(2, 0);
  const Padding padding = paddingOf(context);
  Shape result = context.shape(0);
  for (size_t i = 0; i < result.size(); ++i) {
    const bool sane = std::llabs(padding.before[i]) < kMost && std::llabs(padding.after[i]) < kMost;
    const int64_t kept = result[i] + std::min<int64_t>(padding.before[i], 0) + std::min<int64_t>(padding.after[i], 0);
    if (!sane || kept < 1) {
      context.failShape("the pads " + toText(context.constantIntegers(1)) + " do not fit the shape " + toText(context.shape(0)));
    }
    result[i] += padding.before[i] + padding.after[i];
  }
  return {result};
}

/** Where position i of a padded dimension comes from; -1: the constant. As numpy.pad, which repeats reflections of short dimensions. */
int64_t sourceOf(const std::string& mode, int64_t i, int64_t size) {
  if (i >= 0 && i < size) return i;
  if (mode == "constant") return -1;
  if (mode == "edge" || size == 1) return i < 0 ? 0 : size - 1;
  if (mode == "wrap") return (i % size + size) % size;
  const int64_t period = 2 * (size - 1);
  const int64_t place = (i % period + period) % period;
  return place < size ? place : period - place;
}

template <class T>
class PadStep : public Step<T> {
 public:
  explicit PadStep(StepSpec<T>&& spec) : PadStep(std::move(spec), spec.context) {}

  void forward(Run& run) override {
    const T filling = static_cast<T>(value_);
    forEachRow(run, this->output.count, [&](int lane, size_t at, std::ptrdiff_t from) {
      T* y = this->output.mutableData(lane) + at;
      if (from < 0) {
        std::fill_n(y, rowSize_, filling);
        return;
      }
      const T* x = this->inputs[0].data(lane) + from;
      for (size_t i = 0; i < straightBegin_; ++i) y[i] = row_[i] < 0 ? filling : x[row_[i]];
      if (straightEnd_ > straightBegin_) std::copy_n(x + row_[straightBegin_], straightEnd_ - straightBegin_, y + straightBegin_);
      for (size_t i = straightEnd_; i < rowSize_; ++i) y[i] = row_[i] < 0 ? filling : x[row_[i]];
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    if (!target.accumulate) {
      forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) {
        std::fill_n(target.gradient(lane) + begin, count, T(0));
      });
    }
    forEachRow(run, this->output.count, [&](int lane, size_t at, std::ptrdiff_t to) {
      if (to < 0) return;
      const T* dy = this->output.gradient(lane) + at;
      T* dx = target.gradient(lane) + to;
      const auto add = [&](size_t i) {
        if (row_[i] >= 0) dx[row_[i]] += dy[i];
      };
      for (size_t i = 0; i < straightBegin_; ++i) add(i);
      if (straightEnd_ > straightBegin_) {
        T* straight = dx + row_[straightBegin_];
        for (size_t i = straightBegin_; i < straightEnd_; ++i) straight[i - straightBegin_] += dy[i];
      }
      for (size_t i = straightEnd_; i < rowSize_; ++i) add(i);
    });
  }

 private:
  PadStep(StepSpec<T>&& spec, const NodeContext& context) : Step<T>(std::move(spec)), value_(context.constantNumber(2, 0)) {
    const Shape& x = this->inputs[0].shape;
    const Padding padding = paddingOf(context);
    const std::vector<std::vector<int64_t>> positions = padSources(context);
    const std::vector<std::ptrdiff_t> strides = stridesOf(x);
    size_t first = 0;
    while (first < x.size() && padding.before[first] == 0 && padding.after[first] == 0) ++first;
    slices_ = blocksAround(x, first, first).outer;
    xSlice_ = static_cast<std::ptrdiff_t>(this->inputs[0].count / slices_);
    for (size_t d = first; d < x.size(); ++d) {
      std::vector<std::ptrdiff_t> sources;
      for (int64_t source : positions[d]) sources.push_back(source < 0 ? -1 : static_cast<std::ptrdiff_t>(source) * strides[d]);
      if (d + 1 < x.size()) outer_.push_back(std::move(sources));
      else row_ = std::move(sources);
    }
    if (row_.empty()) row_.push_back(0);
    rowSize_ = row_.size();
    const int64_t before = x.empty() ? 0 : padding.before.back();
    straightBegin_ = static_cast<size_t>(std::max<int64_t>(before, 0));
    straightEnd_ = straightBegin_ + static_cast<size_t>(x.empty() ? 1 : x.back() - std::max<int64_t>(-before, 0));
    straightEnd_ = std::min(straightEnd_, rowSize_);
  }

  /** f(lane, element of y, element of x or -1) for every row of the output; slices that nothing is added to run side by side. */
  template <class F>
  void forEachRow(Run& run, size_t elements, F&& f) const {
    const size_t slice = elements / slices_;
    forEachRange(run, slices_, slice, [&](int lane, size_t begin, size_t end) {
      for (size_t i = begin; i < end; ++i) {
        for (size_t row = 0; row < slice / rowSize_; ++row) {
          std::ptrdiff_t from = static_cast<std::ptrdiff_t>(i) * xSlice_;
          size_t rest = row;
          for (size_t d = outer_.size(); d-- > 0 && from >= 0;) {
            const std::ptrdiff_t source = outer_[d][rest % outer_[d].size()];
            rest /= outer_[d].size();
            from = source < 0 ? -1 : from + source;
          }
          f(lane, i * slice + row * rowSize_, from);
        }
      }
    });
  }

  double value_;
  /** Product of the leading dimensions without padding. */
  size_t slices_ = 1;
  std::ptrdiff_t xSlice_ = 1;
  /** For every position of the padded dimensions but the last, and of the last: offset in x, or -1 for the constant. */
  std::vector<std::vector<std::ptrdiff_t>> outer_;
  std::vector<std::ptrdiff_t> row_;
  size_t rowSize_ = 1;
  /** The part of a row that is simply copied. */
  size_t straightBegin_ = 0, straightEnd_ = 0;
};

}  // namespace

std::vector<std::vector<int64_t>> padSources(const NodeContext& context) {
  const Padding padding = paddingOf(context);
  const std::string mode = context.text("mode", "constant");
  std::vector<std::vector<int64_t>> result;
  for (size_t d = 0; d < context.shape(0).size(); ++d) {
    const int64_t size = context.shape(0)[d], end = size + padding.after[d];
    std::vector<int64_t> sources;
    for (int64_t i = -padding.before[d]; i < end; ++i) sources.push_back(sourceOf(mode, i, size));
    result.push_back(std::move(sources));
  }
  return result;
}

/** More elements around the input: a constant, or the input's own by `mode` (reflect, edge, wrap). ONNX Pad. */
OperatorDefinition padOperator() {
  OperatorDefinition definition;
  definition.opType = "Pad";
  definition.minInputs = 2;
  definition.maxInputs = 4;
  definition.attributes = {"mode"};
  definition.constants = {1, 2, 3};
  definition.shapes = shapes;
  definition.useSteps<PadStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 3}), integerInput({1, 0, 0, 2})}},
            {{input({batch, 2, 3}), integerInput({1, 2, -1, 3}), constantInput({}, {0.75}), integerInput({1, -1})}},
            {{input({batch, 3, 4}), integerInput({0, 2, 1, 0, 1, 3})}, {text("mode", "reflect")}},
            {{input({batch, 3, 4}), integerInput({0, 2, 1, 0, 1, 5})}, {text("mode", "edge")}},
            {{input({batch, 3, 4}), integerInput({0, 2, 1, 0, 1, 3})}, {text("mode", "wrap")}}};
  };
  return definition;
}

}  // namespace deltalab
