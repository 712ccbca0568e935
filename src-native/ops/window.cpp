#include "window.h"

#include <algorithm>
#include <string>

namespace deltalab {

namespace {

/** Far above any picture, and small enough that no sum or product of two overflows. */
constexpr int64_t kLargest = int64_t{1} << 30;

std::vector<int64_t> listOf(const NodeContext& context, const char* attribute, size_t count, int64_t otherwise, int64_t least) {
  std::vector<int64_t> values = context.integers(attribute, std::vector<int64_t>(count, otherwise));
  if (values.size() != count) {
    context.failAttribute(attribute, std::to_string(count) + " numbers are needed, not " + std::to_string(values.size()));
  }
  for (int64_t value : values) {
    if (value < least || value > kLargest) {
      context.failAttribute(attribute, std::to_string(value) + " is outside " + std::to_string(least) + " to 2^30");
    }
  }
  return values;
}

enum class AutoPad { Given, SameUpper, SameLower, Valid };

AutoPad autoPad(const NodeContext& context) {
  const std::string text = context.text("auto_pad", "NOTSET");
  if (text == "NOTSET" || text.empty()) return AutoPad::Given;
  if (text == "SAME_UPPER") return AutoPad::SameUpper;
  if (text == "SAME_LOWER") return AutoPad::SameLower;
  if (text == "VALID") return AutoPad::Valid;
  context.failAttribute("auto_pad", text + " is none of NOTSET, SAME_UPPER, SAME_LOWER, VALID");
}

/** Strides, dilations and given padding; the sizes of the kernel are known. */
Window readWindow(const NodeContext& context, const std::vector<int64_t>& kernel) {
  const size_t rank = kernel.size();
  const std::vector<int64_t> strides = listOf(context, "strides", rank, 1, 1);
  const std::vector<int64_t> dilations = listOf(context, "dilations", rank, 1, 1);
  const std::vector<int64_t> pads = listOf(context, "pads", 2 * rank, 0, 0);
  const bool given = autoPad(context) == AutoPad::Given;
  Window window;
  for (size_t i = 0; i < rank; ++i) {
    WindowAxis& axis = window.axes[3 - rank + i];
    axis.input = context.shape(0)[2 + i];
    axis.kernel = kernel[i];
    axis.stride = strides[i];
    axis.dilation = dilations[i];
    axis.padBefore = given ? pads[i] : 0;
    axis.padAfter = given ? pads[rank + i] : 0;
    if (axis.input > kLargest || axis.kernel > kLargest / axis.dilation) context.failShape("a dimension is too large");
  }
  return window;
}

/** Input values that a window reaches over. */
int64_t reach(const WindowAxis& axis) { return (axis.kernel - 1) * axis.dilation + 1; }

/** The number of outputs, and the padding that auto_pad asks for. */
void fit(const NodeContext& context, WindowAxis& axis, bool ceil) {
  const AutoPad mode = autoPad(context);
  if (mode == AutoPad::SameUpper || mode == AutoPad::SameLower) {
    axis.output = (axis.input + axis.stride - 1) / axis.stride;
    const int64_t total = std::max<int64_t>(0, (axis.output - 1) * axis.stride + reach(axis) - axis.input);
    axis.padBefore = mode == AutoPad::SameUpper ? total / 2 : total - total / 2;
    axis.padAfter = total - axis.padBefore;
    return;
  }
  const int64_t room = axis.input + axis.padBefore + axis.padAfter - reach(axis);
  if (room < 0) {
    context.failShape("the window reaches over " + std::to_string(reach(axis)) + " values, but the input has " +
                      std::to_string(axis.input) + " with a padding of " + std::to_string(axis.padBefore + axis.padAfter));
  }
  axis.output = (ceil ? room + axis.stride - 1 : room) / axis.stride + 1;
  // A window that starts in the padding behind the input is left out.
  if (ceil && (axis.output - 1) * axis.stride >= axis.input + axis.padBefore) --axis.output;
}

/** The kernel_shape attribute, or the sizes of the weights, with which it must agree. */
std::vector<int64_t> kernelOf(const NodeContext& context) {
  const size_t rank = spatialRank(context);
  const Shape& weights = context.shape(1);
  if (weights.size() != rank + 2) {
    context.failShape("weights with " + std::to_string(rank + 2) + " dimensions are needed, not " + toText(weights));
  }
  const std::vector<int64_t> kernel(weights.begin() + 2, weights.end());
  const std::vector<int64_t> given = context.integers("kernel_shape", kernel);
  if (given != kernel) context.failAttribute("kernel_shape", toText(given) + " does not fit weights of shape " + toText(weights));
  return kernel;
}

int64_t groupsOf(const NodeContext& context) {
  const int64_t groups = context.integer("group", 1);
  if (groups < 1 || groups > kLargest) context.failAttribute("group", "a number from 1 is needed");
  return groups;
}

void checkBias(const NodeContext& context, int64_t channels) {
  if (context.has(2) && context.shape(2) != Shape{channels}) {
    context.failShape("the bias has the shape " + toText(context.shape(2)) + ", but " + toText({channels}) + " is needed");
  }
}

}  // namespace

std::vector<const char*> windowAttributes(std::vector<const char*> others) {
  others.insert(others.end(), {"auto_pad", "dilations", "kernel_shape", "pads", "strides"});
  return others;
}

size_t spatialRank(const NodeContext& context) {
  const size_t rank = context.shape(0).size();
  if (rank < 3 || rank > 5) {
    context.failShape("an input [batch, channels, …] with one to three dimensions of space is needed, not " +
                      toText(context.shape(0)));
  }
  return rank - 2;
}

ConvShape convShape(const NodeContext& context) {
  ConvShape shape;
  const std::vector<int64_t> kernel = kernelOf(context);
  const Shape& x = context.shape(0);
  const Shape& weights = context.shape(1);
  shape.batch = x[0];
  shape.groups = groupsOf(context);
  shape.inputChannels = x[1];
  shape.outputChannels = weights[0];
  if (weights[1] * shape.groups != shape.inputChannels) {
    context.failShape("the input has " + std::to_string(shape.inputChannels) + " channels, the weights expect " +
                      std::to_string(weights[1] * shape.groups) + " (shapes " + toText(x) + " and " + toText(weights) + ", " +
                      std::to_string(shape.groups) + " groups)");
  }
  if (shape.outputChannels % shape.groups != 0) {
    context.failAttribute("group", std::to_string(shape.outputChannels) + " output channels are no multiple of " +
                                       std::to_string(shape.groups));
  }
  checkBias(context, shape.outputChannels);
  shape.window = readWindow(context, kernel);
  for (size_t i = 3 - kernel.size(); i < 3; ++i) fit(context, shape.window.axes[i], false);
  return shape;
}

ConvShape convTransposeShape(const NodeContext& context) {
  ConvShape shape;
  const std::vector<int64_t> kernel = kernelOf(context);
  const size_t rank = kernel.size();
  const Shape& x = context.shape(0);
  const Shape& weights = context.shape(1);
  shape.batch = x[0];
  shape.groups = groupsOf(context);
  shape.outputChannels = x[1];
  shape.inputChannels = weights[1] * shape.groups;
  if (weights[0] != x[1]) {
    context.failShape("the input has " + std::to_string(x[1]) + " channels, the weights expect " + std::to_string(weights[0]));
  }
  if (x[1] % shape.groups != 0) {
    context.failAttribute("group", std::to_string(x[1]) + " input channels are no multiple of " + std::to_string(shape.groups));
  }
  checkBias(context, shape.inputChannels);
  shape.window = readWindow(context, kernel);
  const std::vector<int64_t> extra = listOf(context, "output_padding", rank, 0, 0);
  const bool sized = context.hasAttribute("output_shape");
  const AutoPad mode = autoPad(context);
  const bool same = mode == AutoPad::SameUpper || mode == AutoPad::SameLower;
  for (size_t i = 0; i < rank; ++i) {
    WindowAxis& axis = shape.window.axes[3 - rank + i];
    const int64_t points = axis.input;
    if (points > kLargest / axis.stride) context.failShape("a dimension is too large");
    if (extra[i] >= std::max(axis.stride, axis.dilation)) {
      context.failAttribute("output_padding", std::to_string(extra[i]) + " must be smaller than the stride or the dilation");
    }
    const int64_t whole = axis.stride * (points - 1) + extra[i] + reach(axis);
    int64_t size = whole - axis.padBefore - axis.padAfter;
    if (sized || same) {
      size = sized ? listOf(context, "output_shape", rank, 1, 1)[i] : points * axis.stride;
      const int64_t total = std::max<int64_t>(0, whole - size);
      axis.padBefore = mode == AutoPad::SameUpper ? total / 2 : total - total / 2;
      axis.padAfter = total - axis.padBefore;
    }
    if (size < 1) context.failShape("the padding leaves nothing of the output");
    axis.input = size;
    axis.output = points;
  }
  return shape;
}

Window poolWindow(const NodeContext& context) {
  const size_t rank = spatialRank(context);
  if (!context.hasAttribute("kernel_shape")) context.failAttribute("kernel_shape", "it is missing");
  Window window = readWindow(context, listOf(context, "kernel_shape", rank, 1, 1));
  for (size_t i = 3 - rank; i < 3; ++i) {
    WindowAxis& axis = window.axes[i];
    fit(context, axis, context.integer("ceil_mode", 0) != 0);
    if (axis.padBefore >= reach(axis) || axis.padAfter >= reach(axis)) {
      context.failAttribute("pads", "the padding must be smaller than the window");
    }
  }
  return window;
}

Shape pooledShape(const NodeContext& context, const Window& window) {
  Shape shape = context.shape(0);
  const size_t rank = shape.size() - 2;
  for (size_t i = 0; i < rank; ++i) shape[2 + i] = window.axes[3 - rank + i].output;
  return shape;
}

}  // namespace deltalab
