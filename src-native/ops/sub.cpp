#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Sub {
  static constexpr bool kPassesGradient = true;
  template <class T>
  static T value(T a, T b) {
    return a - b;
  }
  template <class T>
  static T gradientA(T dy, T, T) {
    return dy;
  }
  template <class T>
  static T gradientB(T dy, T, T) {
    return -dy;
  }
};

}  // namespace

/** y = a - b. ONNX Sub: NumPy broadcasting. */
OperatorDefinition subOperator() {
  OperatorDefinition definition = binaryOperator<Sub>("Sub");
  return definition;
}

}  // namespace deltalab
