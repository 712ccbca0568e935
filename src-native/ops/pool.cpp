#include "pool_step.h"

namespace deltalab {

Window globalWindow(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  if (shape.size() < 3) context.failShape("an input [batch, channels, …] with dimensions of space is needed, not " + toText(shape));
  Window window;
  // Order does not matter to a window over everything, so the rest of the dimensions is one.
  window.axes[2].input = window.axes[2].kernel = static_cast<int64_t>(elementCount(shape, 2));
  return window;
}

std::vector<Shape> globalShapes(const NodeContext& context) {
  globalWindow(context);
  Shape shape = context.shape(0);
  for (size_t i = 2; i < shape.size(); ++i) shape[i] = 1;
  return {shape};
}

SampleInput distinctInput(Shape dims) {
  const size_t count = elementCount(dims);
  SampleInput result = input(std::move(dims));
  // A step without a common divisor with the count visits every place once.
  size_t step = count / 3 + 1;
  const auto common = [](size_t a, size_t b) {
    while (b != 0) {
      const size_t rest = a % b;
      a = b;
      b = rest;
    }
    return a;
  };
  while (common(step, count) != 1) ++step;
  for (size_t i = 0; i < count; ++i) {
    result.values.push_back(0.07 + 4 * (static_cast<double>(i * step % count) / static_cast<double>(count) - 0.5));
  }
  return result;
}

}  // namespace deltalab
