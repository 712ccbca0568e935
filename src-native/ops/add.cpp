#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Add {
  static constexpr bool kPassesGradient = true;
  template <class T>
  static T value(T a, T b) {
    return a + b;
  }
  template <class T>
  static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  static T gradientB(T dy, T, T) {
    return dy;
  }
};

}  // namespace

/** y = a + b. ONNX Add: NumPy broadcasting. */
const OperatorDefinition& addOperator() {
  static const OperatorDefinition definition{
      "Add", Device::Cpu, 2, 2, {}, binaryShape,
      [](const NodeContext&) { return BackwardReads{false, false}; },
      createBinary<BinaryStep, float, Add>,
      createBinary<BinaryStep, double, Add>};
  return definition;
}

}  // namespace deltalab
