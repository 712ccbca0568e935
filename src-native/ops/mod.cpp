#include <cmath>

#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Mod {
  static constexpr bool kPassesGradient = false;
  template <class T>
  static T value(T a, T b) {
    return std::fmod(a, b);
  }
  template <class T>
  static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  static T gradientB(T dy, T a, T b) {
    return -dy * std::trunc(a / b);
  }
};

std::vector<Shape> shapes(const NodeContext& context) {
  if (context.integer("fmod", 0) != 1) context.failAttribute("fmod", "floats need fmod = 1");
  return binaryShape(context);
}

}  // namespace

/** What is left of a divided by b, with the sign of a. ONNX Mod of floats: NumPy broadcasting. */
OperatorDefinition modOperator() {
  OperatorDefinition definition = binaryOperator<Mod>("Mod");
  definition.attributes = {"fmod"};
  definition.shapes = shapes;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const Attribute fmod = number("fmod", 1);
    // No quotient is near a whole number, where the rest jumps.
    return {{{input({batch, 3}, 1.1, 1.4), input({3}, 0.5, 0.53)}, {fmod}},
            {{input({2, 1}, -1.4, -1.1), input({batch, 1, 3}, 0.5, 0.53)}, {fmod}}};
  };
  return definition;
}

}  // namespace deltalab
