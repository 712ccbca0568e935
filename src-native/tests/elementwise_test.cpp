#include "cpu/kernels/elementwise.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "core/cpu_features.h"
#include "cpu/kernels/functions.h"
#include "harness.h"
#include "reference_activation.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
const Activation kActivations[] = {Activation::Relu,    Activation::LeakyRelu, Activation::Elu,
                                   Activation::Sigmoid, Activation::Tanh,      Activation::Softplus};

template <class F>
void onEveryInstructionSet(F&& f) {
  const InstructionSet chosen = instructionSet();
  for (InstructionSet set : {InstructionSet::Baseline, InstructionSet::Avx2, InstructionSet::Avx512}) {
    if (set > chosen) continue;
    useInstructionSet(set);
    f();
  }
  useInstructionSet(chosen);
}

/** Error of a float in units of its last place. */
double ulps(float got, double expected) {
  if (std::isinf(got)) return std::fabs(expected) > 3.4028235e38 ? 0 : 1e9;
  int exponent;
  std::frexp(expected, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(got - expected) / unit;
}

/** Values over the whole range: dense where functions bend, every magnitude down to the smallest subnormal, both signs. */
std::vector<float> sweep() {
  std::vector<float> x;
  for (int i = -24000; i <= 24000; ++i) x.push_back(static_cast<float>(i) * 0.005f + 0.0001f);
  for (uint32_t bits = 1; bits < 0x7f800000u; bits += 65521) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    x.push_back(value);
    x.push_back(-value);
  }
  return x;
}

}  // namespace

TEST(elementwise_functions_are_accurate) {
  onEveryInstructionSet([] {
    const std::vector<float> x = sweep();
    std::vector<float> y(x.size());
    double worst = 0;
    expForward(x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) worst = std::fmax(worst, ulps(y[i], std::exp(static_cast<double>(x[i]))));
    CHECK(worst <= 2);
    for (Activation activation : kActivations) {
      activationForward(activation, x.data(), y.data(), x.size(), 0.75f);
      worst = 0;
      for (size_t i = 0; i < x.size(); ++i) worst = std::fmax(worst, ulps(y[i], referenceValue(activation, x[i], 0.75)));
      CHECK(worst <= 4);
    }
  });
}

TEST(elementwise_extremes) {
  onEveryInstructionSet([] {
    const float x[] = {kInf, -kInf, kNan, 0.0f, -0.0f, 3e38f, -3e38f};
    float y[7];
    expForward(x, y, 7);
    CHECK(y[0] == kInf && y[1] == 0 && std::isnan(y[2]) && y[3] == 1 && y[4] == 1 && y[5] == kInf && y[6] == 0);
    activationForward(Activation::Tanh, x, y, 7);
    CHECK(y[0] == 1 && y[1] == -1 && std::isnan(y[2]) && y[3] == 0 && y[5] == 1 && y[6] == -1);
    CHECK(std::signbit(y[4]) && !std::signbit(y[3]));
    activationForward(Activation::Sigmoid, x, y, 7);
    CHECK(y[0] == 1 && y[1] == 0 && std::isnan(y[2]) && y[3] == 0.5f && y[5] == 1 && y[6] == 0);
    activationForward(Activation::Softplus, x, y, 7);
    CHECK(y[0] == kInf && y[1] == 0 && std::isnan(y[2]) && y[5] == 3e38f && y[6] == 0);
    activationForward(Activation::Elu, x, y, 7, 2);
    CHECK(y[0] == kInf && y[1] == -2 && std::isnan(y[2]) && y[3] == 0 && y[5] == 3e38f && y[6] == -2);
    activationForward(Activation::Relu, x, y, 7);
    CHECK(y[0] == kInf && y[1] == 0 && std::isnan(y[2]) && y[5] == 3e38f && y[6] == 0);
    activationForward(Activation::LeakyRelu, x, y, 7, 0.5f);
    CHECK(y[0] == kInf && y[1] == -kInf && std::isnan(y[2]) && y[6] == -1.5e38f);
  });
}

TEST(elementwise_backward_is_the_slope) {
  onEveryInstructionSet([] {
    std::vector<float> x;
    for (int i = -2000; i <= 2000; ++i) x.push_back(static_cast<float>(i) * 0.01f + 0.0005f);
    std::vector<float> y(x.size()), dy(x.size(), 3.0f), dx(x.size());
    for (Activation activation : kActivations) {
      activationForward(activation, x.data(), y.data(), x.size(), 0.75f);
      activationBackward(activation, y.data(), dy.data(), dx.data(), x.size(), 0.75f);
      double worst = 0;
      // Near saturation the output alone no longer tells the slope: 1 - y has the absolute error of y.
      for (size_t i = 0; i < x.size(); ++i)
        worst = std::fmax(worst, std::fabs(dx[i] - 3 * referenceSlope(activation, x[i], 0.75)));
      CHECK(worst < 2e-6);
    }
    // A gradient that is not finite does not leak through a unit that is off.
    const float off[] = {0.0f, 0.0f}, bad[] = {kInf, kNan};
    float out[2];
    activationBackward(Activation::Relu, off, bad, out, 2);
    CHECK(out[0] == 0 && out[1] == 0);
  });
}

TEST(elementwise_bits_do_not_depend_on_position) {
  onEveryInstructionSet([] {
    std::vector<float> x;
    for (int i = 0; i < 203; ++i) x.push_back(static_cast<float>(i - 100) * 0.0917f);
    const std::vector<float> dy(x.rbegin(), x.rend());
    std::vector<float> y(x.size()), dx(x.size()), sum = dy;
    for (Activation activation : kActivations) {
      activationForward(activation, x.data(), y.data(), x.size(), 0.3f);
      activationBackward(activation, y.data(), dy.data(), dx.data(), x.size(), 0.3f);
      sum = dy;
      addScaled(sum.data(), x.data(), x.size(), 0.37f);
      for (size_t i = 0; i < x.size(); ++i) {
        // Alone, and as the tail of a longer run with a canary behind it.
        float alone, back, added = dy[i];
        activationForward(activation, &x[i], &alone, 1, 0.3f);
        activationBackward(activation, &y[i], &dy[i], &back, 1, 0.3f);
        addScaled(&added, &x[i], 1, 0.37f);
        CHECK(std::memcmp(&alone, &y[i], 4) == 0 && std::memcmp(&back, &dx[i], 4) == 0 &&
              std::memcmp(&added, &sum[i], 4) == 0);
      }
    }
    for (size_t n = 0; n < 40; ++n) {
      std::vector<float> part(n + 1, 77.0f);
      activationForward(Activation::Tanh, x.data() + 3, part.data(), n);
      activationForward(Activation::Tanh, x.data(), y.data(), x.size());
      CHECK(n == 0 || std::memcmp(part.data(), y.data() + 3, n * sizeof(float)) == 0);
      CHECK_EQ(part[n], 77.0f);
    }
  });
}

namespace {

struct FunctionCase {
  ElementFunction function;
  double (*value)(double);
  double (*slope)(double);
  float p = 0, q = 0;
  /** Errors count relative to this much of |x| where the value is smaller: near a root whose place rounding moves. */
  double rest = 1e-3;
};

double normal(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }
double softplus(double x) { return referenceValue(Activation::Softplus, x, 0); }
double sigmoid(double x) { return referenceValue(Activation::Sigmoid, x, 0); }
double tanhGate(double x) { return 0.5 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))); }

const FunctionCase kFunctions[] = {
    {ElementFunction::Erf, [](double x) { return std::erf(x); }, [](double x) { return 2 / std::sqrt(std::acos(-1.0)) * std::exp(-x * x); }},
    {ElementFunction::Exp, [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
    {ElementFunction::Gelu, [](double x) { return x * normal(x); },
     [](double x) { return normal(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * std::acos(-1.0)); }},
    {ElementFunction::GeluTanh, [](double x) { return x * tanhGate(x); },
     [](double x) { return (1.0000001 * x * tanhGate(1.0000001 * x) - 0.9999999 * x * tanhGate(0.9999999 * x)) / (2e-7 * x); }},
    {ElementFunction::HardSigmoid, [](double x) { return std::fmax(0, std::fmin(1, 0.3 * x + 0.4)); },
     [](double x) { return x > -4.0 / 3 && x < 2 ? 0.3 : 0.0; }, 0.3F, 0.4F, 0.5},
    {ElementFunction::HardSwish, [](double x) { return x * std::fmax(0, std::fmin(1, x / 6 + 0.5)); },
     [](double x) { return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5; }, 0, 0, 0.5},
    {ElementFunction::Mish, [](double x) { return x * std::tanh(softplus(x)); },
     [](double x) { return std::tanh(softplus(x)) + x * sigmoid(x) / (std::cosh(softplus(x)) * std::cosh(softplus(x))); }},
    {ElementFunction::Selu, [](double x) { return x > 0 ? 1.25 * x : 1.75 * std::expm1(x); },
     [](double x) { return x > 0 ? 1.25 : 1.75 * std::exp(x); }, 1.25F, 1.75F},
    {ElementFunction::Softsign, [](double x) { return x / (1 + std::fabs(x)); },
     [](double x) { return 1 / ((1 + std::fabs(x)) * (1 + std::fabs(x))); }},
};

}  // namespace

TEST(elementwise_functions_of_one_operator_are_accurate) {
  onEveryInstructionSet([] {
    std::vector<float> x;
    for (int i = -24000; i <= 24000; ++i) x.push_back(static_cast<float>(i) * 0.0005f + 0.0001f);
    std::vector<float> y(x.size()), dy(x.size(), 1.0f), dx(x.size());
    for (const FunctionCase& item : kFunctions) {
      functionKernels().forward(item.function, x.data(), y.data(), static_cast<ptrdiff_t>(x.size()), item.p, item.q);
      functionKernels().backward(item.function, x.data(), dy.data(), dx.data(), static_cast<ptrdiff_t>(x.size()), item.p, item.q);
      double worst = 0, worstSlope = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        const double value = item.value(x[i]), slope = item.slope(x[i]);
        worst = std::fmax(worst, std::fabs(y[i] - value) / std::fmax(std::fabs(value), item.rest * std::fabs(x[i])));
        worstSlope = std::fmax(worstSlope, std::fabs(dx[i] - slope) / std::fmax(std::fabs(slope), 1));
      }
      if (worst > 1e-6) fail("value of function", static_cast<int>(item.function), "differs by " + std::to_string(worst * 1e6) + "e-6");
      if (worstSlope > 2e-6) fail("slope of function", static_cast<int>(item.function), "differs by " + std::to_string(worstSlope * 1e6) + "e-6");
    }
  });
}

TEST(elementwise_functions_of_one_operator_keep_nan_and_do_not_depend_on_position) {
  onEveryInstructionSet([] {
    std::vector<float> x;
    for (int i = 0; i < 101; ++i) x.push_back(static_cast<float>(i - 50) * 0.0917f);
    std::vector<float> y(x.size()), dx(x.size());
    for (const FunctionCase& item : kFunctions) {
      functionKernels().forward(item.function, x.data(), y.data(), static_cast<ptrdiff_t>(x.size()), item.p, item.q);
      functionKernels().backward(item.function, x.data(), x.data(), dx.data(), static_cast<ptrdiff_t>(x.size()), item.p, item.q);
      for (size_t i = 0; i < x.size(); ++i) {
        float alone, back;
        functionKernels().forward(item.function, &x[i], &alone, 1, item.p, item.q);
        functionKernels().backward(item.function, &x[i], &x[i], &back, 1, item.p, item.q);
        CHECK(std::memcmp(&alone, &y[i], 4) == 0 && std::memcmp(&back, &dx[i], 4) == 0);
      }
      float nan = kNan;
      functionKernels().forward(item.function, &nan, &nan, 1, item.p, item.q);
      CHECK(std::isnan(nan));
    }
  });
}
