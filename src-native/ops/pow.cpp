#include <cmath>

#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Pow {
  static constexpr bool kPassesGradient = false;
  template <class T>
  static T value(T a, T b) {
    // By far the most frequent exponent, and the same value.
    return b == 2 ? a * a : std::pow(a, b);
  }
  /** 0 where the exponent is 0, also at a = 0. */
  template <class T>
  static T gradientA(T dy, T a, T b) {
    if (b == 2) return dy * 2 * a;
    return b == 0 ? T(0) : dy * b * std::pow(a, b - 1);
  }
  /** The limit 0 at a = 0, where the logarithm alone would be infinite; not a number for negative a. */
  template <class T>
  static T gradientB(T dy, T a, T b) {
    return a == 0 && b >= 0 ? T(0) : dy * value(a, b) * std::log(a);
  }
};

}  // namespace

/** y = a^b. ONNX Pow: NumPy broadcasting; the exponents may be int64. */
OperatorDefinition powOperator() {
  OperatorDefinition definition = binaryOperator<Pow>("Pow");
  definition.indices = {1};
  definition.samples = [](int64_t batch) {
    // Bases above 0, where every exponent has a value; below, whole exponents.
    std::vector<OperatorSample> samples = broadcastSamples(batch, 0.5, 2);
    samples.push_back({{input({batch, 3}), constantInput({}, {2})}});
    samples.push_back({{input({batch, 3}), constantInput({}, {-3})}});
    samples.push_back({{input({batch, 2, 3}), integerInput({3, 1, 0})}});
    return samples;
  };
  return definition;
}

}  // namespace deltalab
