#include <cmath>

#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Gelu : KernelFunction {
  explicit Gelu(const NodeContext& context)
      : KernelFunction{isTanh(context) ? ElementFunction::GeluTanh : ElementFunction::Gelu} {}

  static bool isTanh(const NodeContext& context) {
    const std::string approximate = context.text("approximate", "none");
    if (approximate != "none" && approximate != "tanh") context.failAttribute("approximate", approximate + " is neither none nor tanh");
    return approximate == "tanh";
  }

  /** ½(1 + tanh u) with u = √(2/π)·(x + 0.044715·x³). */
  static double gate(double x) { return activationValue(Activation::Sigmoid, kScale * (x + kCube * x * x * x), 0.0); }

  static constexpr double kScale = 1.5957691216057308;  // 2·√(2/π)
  static constexpr double kCube = 0.044715;

  double value(double x) const {
    if (kernel == ElementFunction::GeluTanh) return x * gate(x);
    return x * 0.5 * std::erfc(-x * 0.70710678118654752);
  }
  double slope(double x, double) const {
    if (kernel == ElementFunction::GeluTanh) {
      const double g = gate(x);
      return g + x * g * (1 - g) * kScale * (1 + 3 * kCube * x * x);
    }
    // Φ(x) + x·Φ'(x).
    return 0.5 * std::erfc(-x * 0.70710678118654752) + x * 0.39894228040143268 * std::exp(-0.5 * x * x);
  }
};

}  // namespace

/** y = x · Φ(x), Φ being the normal distribution function, or its approximation by tanh. ONNX Gelu. */
OperatorDefinition geluOperator() {
  OperatorDefinition definition = unaryOperator<Gelu>("Gelu");
  definition.attributes = {"approximate"};
  definition.shapes = [](const NodeContext& context) {
    Gelu::isTanh(context);
    return sameShape(context);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 9}, -3, 3)}}, {{input({batch, 2, 3})}, {text("approximate", "tanh")}}};
  };
  return definition;
}

}  // namespace deltalab
