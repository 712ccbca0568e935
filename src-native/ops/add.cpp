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
OperatorDefinition addOperator() {
  OperatorDefinition definition = binaryOperator<Add>("Add");
  return definition;
}

}  // namespace deltalab
