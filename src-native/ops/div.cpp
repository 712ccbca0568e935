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
const OperatorDefinition& divOperator() {
  static const OperatorDefinition definition{
      "Div", Device::Cpu, 2, 2, {}, binaryShape,
      [](const NodeContext&) { return BackwardReads{true, false}; },
      createBinary<BinaryStep, float, Div>,
      createBinary<BinaryStep, double, Div>};
  return definition;
}

}  // namespace deltalab
