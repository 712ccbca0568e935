#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Div {
  static constexpr bool kPassesGradient = false;
  template <class T>
  static T value(T a, T b) {
    return a / b;
  }
  template <class T>
  static T gradientA(T dy, T, T b) {
    return dy / b;
  }
  template <class T>
  static T gradientB(T dy, T a, T b) {
    return -dy * a / (b * b);
  }
};

}  // namespace

/** y = a / b. ONNX Div: NumPy broadcasting. */
OperatorDefinition divOperator() {
  OperatorDefinition definition = binaryOperator<Div>("Div");
  // Divisors away from 0.
  definition.samples = [](int64_t batch) { return broadcastSamples(batch, 0.5, 2); };
  return definition;
}

}  // namespace deltalab
