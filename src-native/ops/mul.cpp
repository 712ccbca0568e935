#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Mul {
  static constexpr bool kPassesGradient = false;
  template <class T>
  static T value(T a, T b) {
    return a * b;
  }
  template <class T>
  static T gradientA(T dy, T, T b) {
    return dy * b;
  }
  template <class T>
  static T gradientB(T dy, T a, T) {
    return dy * a;
  }
};

}  // namespace

/** y = a · b. ONNX Mul: NumPy broadcasting. */
const OperatorDefinition& mulOperator() {
  static const OperatorDefinition definition{
      "Mul", Device::Cpu, 2, 2, {}, binaryShape,
      [](const NodeContext&) { return BackwardReads{true, false}; },
      createBinary<BinaryStep, float, Mul>,
      createBinary<BinaryStep, double, Mul>};
  return definition;
}

}  // namespace deltalab
