#include <cmath>
#include <memory>
#include <utility>

#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** With the sign of a. */
struct Remainder {
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

/** With the sign of b. */
struct Modulus : Remainder {
  template <class T>
  static T value(T a, T b) {
    const T rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  template <class T>
  static T gradientB(T dy, T a, T b) {
    return -dy * std::floor(a / b);
  }
};

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  if (spec.context.integer("fmod", 0) != 0) return std::make_unique<BinaryStep<T, Remainder>>(std::move(spec));
  return std::make_unique<BinaryStep<T, Modulus>>(std::move(spec));
}

}  // namespace

/** What is left of a divided by b, with the sign of b or, with `fmod` 1, of a. ONNX Mod: NumPy broadcasting. */
OperatorDefinition modOperator() {
  OperatorDefinition definition = binaryOperator<Remainder>("Mod");
  definition.attributes = {"fmod"};
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const Attribute fmod = number("fmod", 1);
    // No quotient is near a whole number, where the rest jumps.
    return {{{input({batch, 3}, 1.1, 1.4), input({3}, 0.5, 0.53)}, {fmod}},
            {{input({2, 1}, -1.4, -1.1), input({batch, 1, 3}, 0.5, 0.53)}, {fmod}},
            {{input({batch, 3}, -1.4, -1.1), input({batch, 1}, 0.5, 0.53)}}};
  };
  return definition;
}

}  // namespace deltalab
