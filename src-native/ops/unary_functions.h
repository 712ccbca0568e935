#pragma once

#include <cmath>
#include <limits>
#include <string>

#include "activation_step.h"
#include "core/both.h"
#include "core/operator.h"
#include "cpu/kernels/functions.h"

// The functions of operators of one input that work element by element: f and f', for the processor and for kernels of a card.

namespace deltalab {

/** What a Function of UnaryStep derives from when it has neither attributes nor a kernel. */
struct PlainFunction {
  static constexpr bool kHasKernel = false;
  explicit PlainFunction(const NodeContext&) {}
};

/** What a Function derives from that is flat between its steps. */
struct FlatFunction : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  DELTALAB_BOTH T slope(T, T) const {
    return T(0);
  }
};

/** What a Function derives from whose float arrays go to the kernels of the instruction set; backward needs the input only. */
struct KernelFunction {
  static constexpr bool kHasKernel = true;
  static constexpr BackwardReads kReads{true, false};
  ElementFunction kernel;
  /** Parameters, see ElementFunction. */
  double p = 0, q = 0;
};

struct Abs : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::fabs(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x > 0 ? T(1) : x < 0 ? T(-1) : T(0);
  }
};

struct Atan : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::atan(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return 1 / (1 + x * x);
  }
};

struct Ceil : FlatFunction {
  using FlatFunction::FlatFunction;
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::ceil(x);
  }
};

struct Celu {
  static constexpr bool kHasKernel = false;
  static constexpr BackwardReads kReads{true, false};

  explicit Celu(const NodeContext& context) : alpha(context.number("alpha", 1)) {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    const T a = static_cast<T>(alpha);
    return x > 0 ? x : a * std::expm1(x / a);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x > 0 ? T(1) : std::exp(x / static_cast<T>(alpha));
  }

  double alpha;
};

struct Clip {
  static constexpr bool kHasKernel = false;
  static constexpr BackwardReads kReads{true, false};

  explicit Clip(const NodeContext& context)
      : low(context.constantNumber(1, -std::numeric_limits<double>::infinity())),
        high(context.constantNumber(2, std::numeric_limits<double>::infinity())) {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    const T least = static_cast<T>(low), most = static_cast<T>(high);
    const T raised = x < least ? least : x;
    return raised > most ? most : raised;
  }
  /** At the limits themselves the gradient passes, as in PyTorch. */
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x >= static_cast<T>(low) && x <= static_cast<T>(high) ? T(1) : T(0);
  }

  double low, high;
};

struct Cos : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::cos(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return -std::sin(x);
  }
};

struct Erf : KernelFunction {
  explicit Erf(const NodeContext&) : KernelFunction{ElementFunction::Erf} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::erf(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return T(1.1283791670955126) * std::exp(-x * x);  // 2/√π
  }
};

struct Exp : KernelFunction {
  explicit Exp(const NodeContext&) : KernelFunction{ElementFunction::Exp} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::exp(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return std::exp(x);
  }
};

struct Floor : FlatFunction {
  using FlatFunction::FlatFunction;
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::floor(x);
  }
};

struct Gelu : KernelFunction {
  explicit Gelu(const NodeContext& context)
      : KernelFunction{isTanh(context) ? ElementFunction::GeluTanh : ElementFunction::Gelu} {}

  static bool isTanh(const NodeContext& context) {
    const std::string approximate = context.text("approximate", "none");
    if (approximate != "none" && approximate != "tanh") context.failAttribute("approximate", approximate + " is neither none nor tanh");
    return approximate == "tanh";
  }

  /** ½(1 + tanh u) with u = √(2/π)·(x + 0.044715·x³). */
  template <class T>
  DELTALAB_BOTH static T gate(T x) {
    return activationValue(Activation::Sigmoid, T(kScale) * (x + T(kCube) * x * x * x), T(0));
  }

  static constexpr double kScale = 1.5957691216057308;  // 2·√(2/π)
  static constexpr double kCube = 0.044715;

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    if (kernel == ElementFunction::GeluTanh) return x * gate(x);
    return x * T(0.5) * std::erfc(-x * T(0.70710678118654752));
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    if (kernel == ElementFunction::GeluTanh) {
      const T g = gate(x);
      return g + x * g * (1 - g) * T(kScale) * (1 + 3 * T(kCube) * x * x);
    }
    // Φ(x) + x·Φ'(x).
    return T(0.5) * std::erfc(-x * T(0.70710678118654752)) + x * T(0.39894228040143268) * std::exp(T(-0.5) * x * x);
  }
};

struct HardSigmoid : KernelFunction {
  explicit HardSigmoid(const NodeContext& context)
      : KernelFunction{ElementFunction::HardSigmoid, context.number("alpha", 0.2), context.number("beta", 0.5)} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::fmax(T(0), std::fmin(T(1), T(p) * x + T(q)));
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    const T inner = T(p) * x + T(q);
    return inner > 0 && inner < 1 ? T(p) : T(0);
  }
};

struct HardSwish : KernelFunction {
  explicit HardSwish(const NodeContext&) : KernelFunction{ElementFunction::HardSwish} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x * std::fmax(T(0), std::fmin(T(1), x / 6 + T(0.5)));
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x <= -3 ? T(0) : x >= 3 ? T(1) : x / 3 + T(0.5);
  }
};

struct Log : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::log(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return 1 / x;
  }
};

struct Mish : KernelFunction {
  explicit Mish(const NodeContext&) : KernelFunction{ElementFunction::Mish} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x * std::tanh(activationValue(Activation::Softplus, x, T(0)));
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    const T t = std::tanh(activationValue(Activation::Softplus, x, T(0)));
    return t + x * (1 - t * t) * activationValue(Activation::Sigmoid, x, T(0));
  }
};

struct Neg : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return -x;
  }
  template <class T>
  DELTALAB_BOTH T slope(T, T) const {
    return T(-1);
  }
};

struct Not : FlatFunction {
  using FlatFunction::FlatFunction;
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x == 0 ? T(1) : T(0);
  }
};

struct Reciprocal : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return 1 / x;
  }
  template <class T>
  DELTALAB_BOTH T slope(T, T y) const {
    return -y * y;
  }
};

struct Round : FlatFunction {
  using FlatFunction::FlatFunction;
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::nearbyint(x);
  }
};

struct Selu : KernelFunction {
  // The defaults of ONNX, which are floats.
  explicit Selu(const NodeContext& context) : KernelFunction{ElementFunction::Selu} {
    p = context.number("gamma", 1.05070102214813232421875);
    q = p * context.number("alpha", 1.67326319217681884765625);
  }

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x > 0 ? T(p) * x : T(q) * std::expm1(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x > 0 ? T(p) : T(q) * std::exp(x);
  }
};

struct Sign : FlatFunction {
  using FlatFunction::FlatFunction;
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
  }
};

struct Sin : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{true, false};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::sin(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return std::cos(x);
  }
};

struct Softsign : KernelFunction {
  explicit Softsign(const NodeContext&) : KernelFunction{ElementFunction::Softsign} {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x / (1 + std::fabs(x));
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return 1 / ((1 + std::fabs(x)) * (1 + std::fabs(x)));
  }
};

struct Sqrt : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::sqrt(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T, T y) const {
    return T(0.5) / y;
  }
};

struct Tan : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, true};
  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return std::tan(x);
  }
  template <class T>
  DELTALAB_BOTH T slope(T, T y) const {
    return 1 + y * y;
  }
};

struct ThresholdedRelu {
  static constexpr bool kHasKernel = false;
  static constexpr BackwardReads kReads{true, false};

  explicit ThresholdedRelu(const NodeContext& context) : alpha(context.number("alpha", 1)) {}

  template <class T>
  DELTALAB_BOTH T value(T x) const {
    return x > static_cast<T>(alpha) || std::isnan(x) ? x : T(0);
  }
  template <class T>
  DELTALAB_BOTH T slope(T x, T) const {
    return x > static_cast<T>(alpha) ? T(1) : T(0);
  }

  double alpha;
};

}  // namespace deltalab
