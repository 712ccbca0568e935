#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "axes.h"
#include "core/sample.h"
#include "loops.h"
#include "resize_form.h"
#include "table.h"

namespace deltalab {

namespace {

double placeOf(const std::string& mode, const ResizedAxis& axis, int64_t at) {
  const double place = static_cast<double>(at);
  if (mode == "asymmetric") return place / axis.scale;
  // Before it was rounded down to whole values.
  const double size = static_cast<double>(axis.from) * axis.scale;
  if (mode == "align_corners") return size == 1 ? 0 : place * static_cast<double>(axis.from - 1) / (size - 1);
  if (mode == "pytorch_half_pixel" && axis.to == 1) return 0;
  const double middle = (place + 0.5) / axis.scale - 0.5;
  if (mode != "half_pixel_symmetric") return middle;
  return middle + static_cast<double>(axis.from) / 2 * (1 - static_cast<double>(axis.to) / size);
}

double nearest(const std::string& mode, double place) {
  if (mode == "floor") return std::floor(place);
  if (mode == "ceil") return std::ceil(place);
  return mode == "round_prefer_ceil" ? std::floor(place + 0.5) : std::ceil(place - 0.5);
}

void requireOneOf(const NodeContext& context, const char* attribute, const char* usual, const std::vector<std::string>& known) {
  const std::string value = context.text(attribute, usual);
  if (std::find(known.begin(), known.end(), value) == known.end()) context.failAttribute(attribute, value + " is not supported");
}

std::vector<Shape> shapes(const NodeContext& context) {
  requireOneOf(context, "mode", "nearest", {"nearest", "linear"});
  requireOneOf(context, "coordinate_transformation_mode", "half_pixel", {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"});
  requireOneOf(context, "nearest_mode", "round_prefer_floor", {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  requireOneOf(context, "keep_aspect_ratio_policy", "stretch", {"stretch"});
  if (context.integer("antialias", 0) != 0) context.failAttribute("antialias", "only 0 is supported");
  Shape result;
  for (const ResizedAxis& axis : resizedAxes(context)) result.push_back(axis.to);
  elementCount(result);
  return {result};
}

/** A share of one value. */
struct Tap {
  size_t from;
  double share;
};

/**
 * Every value of the output is a weighted sum of up to 2^k of the input, for k dimensions that are interpolated. Which and how much
 * is the same for all blocks: what lies before the first dimension that changes.
 */
template <class T>
class ResizeStep : public Step<T> {
 public:
  explicit ResizeStep(StepSpec<T>&& spec) : ResizeStep(std::move(spec), spec.context, resizedAxes(spec.context)) {}

  void forward(Run& run) override {
    forEachRange(run, blocks_, to_, [&](int lane, size_t begin, size_t end) {
      for (size_t block = begin; block < end; ++block) {
        const T* x = this->inputs[0].data(lane) + block * from_;
        T* y = this->output.mutableData(lane) + block * to_;
        for (size_t at = 0; at < to_; ++at) {
          T sum = 0;
          for (size_t tap = starts_[at]; tap < starts_[at + 1]; ++tap) sum += static_cast<T>(taps_[tap].share) * x[taps_[tap].from];
          y[at] = sum;
        }
      }
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachRange(run, blocks_, to_, [&](int lane, size_t begin, size_t end) {
      for (size_t block = begin; block < end; ++block) {
        T* dx = target.gradient(lane) + block * from_;
        const T* dy = this->output.gradient(lane) + block * to_;
        if (!target.accumulate) std::fill_n(dx, from_, T(0));
        for (size_t at = 0; at < to_; ++at) {
          for (size_t tap = starts_[at]; tap < starts_[at + 1]; ++tap) dx[taps_[tap].from] += static_cast<T>(taps_[tap].share) * dy[at];
        }
      }
    });
  }

 private:
  ResizeStep(StepSpec<T>&& spec, const NodeContext& context, const std::vector<ResizedAxis>& axes) : Step<T>(std::move(spec)) {
    size_t first = 0;
    while (first < axes.size() && axes[first].stays()) {
      blocks_ *= static_cast<size_t>(axes[first++].from);
    }
    std::vector<Tap> taps{{0, 1}};
    std::vector<size_t> starts{0, 1};
    // One dimension after another: the taps of what is in front of it, each spread over the places of its own.
    for (size_t i = first; i < axes.size(); ++i) {
      const std::vector<ResizeSource> sources = resizeSources(context, axes[i]);
      std::vector<Tap> next;
      std::vector<size_t> nextStarts{0};
      for (size_t at = 0; at + 1 < starts.size(); ++at) {
        for (const ResizeSource& source : sources) {
          for (size_t tap = starts[at]; tap < starts[at + 1]; ++tap) {
            const size_t row = taps[tap].from * static_cast<size_t>(axes[i].from);
            if (source.share > 0) next.push_back({row + source.first, taps[tap].share * source.share});
            if (source.share < 1) next.push_back({row + source.second, taps[tap].share * (1 - source.share)});
          }
          nextStarts.push_back(next.size());
        }
      }
      taps = std::move(next);
      starts = std::move(nextStarts);
      from_ *= static_cast<size_t>(axes[i].from);
    }
    to_ = starts.size() - 1;
    taps_ = std::move(taps);
    starts_ = std::move(starts);
  }

  /** Blocks, and values of one: in the input and in the output. */
  size_t blocks_ = 1, from_ = 1, to_ = 1;
  /** Those of value `at` of a block are starts_[at] to starts_[at + 1]. */
  std::vector<Tap> taps_;
  std::vector<size_t> starts_;
};

}  // namespace

std::vector<ResizedAxis> resizedAxes(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  std::vector<ResizedAxis> result;
  for (int64_t size : shape) result.push_back({size, size, 1});
  std::vector<size_t> dimensions = dimensionsOf(context, context.integers("axes"), shape.size());
  for (size_t i = 0; dimensions.size() < shape.size() && !context.hasAttribute("axes"); ++i) dimensions.push_back(i);
  // An input without values is one left out.
  const Initializer* scales = context.has(2) ? context.initializers[2] : nullptr;
  const bool scaled = scales && !scales->values.empty();
  const std::vector<int64_t> sizes = context.has(3) ? context.constantIntegers(3) : std::vector<int64_t>();
  if ((scaled ? scales->values.size() : sizes.size()) != dimensions.size()) {
    context.failShape("a scale or a size is needed for each of " + std::to_string(dimensions.size()) + " dimensions");
  }
  for (size_t i = 0; i < dimensions.size(); ++i) {
    ResizedAxis& axis = result[dimensions[i]];
    const double size = scaled ? std::floor(static_cast<double>(axis.from) * static_cast<double>(scales->values[i])) : static_cast<double>(sizes[i]);
    // NaN fails the comparison, too.
    if (!(size >= 1 && size <= INT32_MAX)) context.failShape("nothing sensible is left of dimension " + std::to_string(dimensions[i]));
    axis.to = static_cast<int64_t>(size);
    axis.scale = scaled ? static_cast<double>(scales->values[i]) : size / static_cast<double>(axis.from);
  }
  return result;
}

std::vector<ResizeSource> resizeSources(const NodeContext& context, const ResizedAxis& axis) {
  const std::string places = context.text("coordinate_transformation_mode", "half_pixel");
  const std::string rounding = context.text("nearest_mode", "round_prefer_floor");
  const double last = static_cast<double>(axis.from - 1);
  std::vector<ResizeSource> sources(static_cast<size_t>(axis.to));
  for (int64_t at = 0; at < axis.to; ++at) {
    // A dimension that stays is copied, wherever its centres lie.
    const double place = axis.stays() ? static_cast<double>(at) : placeOf(places, axis, at);
    ResizeSource& source = sources[static_cast<size_t>(at)];
    if (context.text("mode", "nearest") == "nearest") {
      source.first = source.second = static_cast<size_t>(std::clamp(nearest(rounding, place), 0.0, last));
      continue;
    }
    const double inside = std::clamp(place, 0.0, last);
    source.first = static_cast<size_t>(inside);
    source.second = std::min(source.first + 1, static_cast<size_t>(axis.from - 1));
    source.share = 1 - (inside - std::floor(inside));
  }
  return sources;
}

/**
 * A picture or signal of another size: the nearest value, or between neighbours a straight line along each dimension (`mode` linear).
 * ONNX Resize, opset 19; cubic curves, cutting out by a region and antialias are refused.
 */
OperatorDefinition resizeOperator() {
  OperatorDefinition definition;
  definition.opType = "Resize";
  definition.maxInputs = 4;
  definition.attributes = {"antialias",   "axes", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value",
                           "keep_aspect_ratio_policy", "mode", "nearest_mode"};
  definition.constants = {1, 2, 3};
  definition.shapes = shapes;
  definition.useSteps<ResizeStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const auto scales = [](std::vector<double> values) {
      const int64_t count = static_cast<int64_t>(values.size());
      return constantInput({count}, std::move(values));
    };
    const auto places = [](const char* name) { return text("coordinate_transformation_mode", name); };
    const Attribute linear = text("mode", "linear");
    const double rows = static_cast<double>(batch);
    return {{{input({batch, 2, 3, 2}), omittedInput(), scales({1, 1, 2, 3})}, {places("asymmetric"), text("nearest_mode", "floor")}},
            {{input({batch, 1, 5, 4}), omittedInput(), omittedInput(), integerInput({rows, 1, 3, 7})}},
            {{input({batch, 2, 3, 3}), omittedInput(), scales({1, 1, 2, 2})}, {linear}},
            {{input({batch, 2, 4, 3}), omittedInput(), omittedInput(), integerInput({rows, 2, 7, 5})}, {linear, places("align_corners")}},
            {{input({batch, 2, 5}), omittedInput(), scales({1, 1, 1.6})}, {linear, places("pytorch_half_pixel")}},
            {{input({batch, 3, 4}), omittedInput(), scales({1, 1, 0.5})}, {linear, places("asymmetric")}}};
  };
  return definition;
}

}  // namespace deltalab
