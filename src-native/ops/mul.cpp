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
OperatorDefinition mulOperator() {
  OperatorDefinition definition = binaryOperator<Mul>("Mul");
  return definition;
}

}  // namespace deltalab
