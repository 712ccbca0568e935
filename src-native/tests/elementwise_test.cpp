#include "cpu/kernels/elementwise.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "core/cpu_features.h"
#include "harness.h"

using namespace deltalab;

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

double valueOf(Activation activation, double x, double alpha) {
  switch (activation) {
    case Activation::Relu:
      return x > 0 ? x : 0;
    case Activation::LeakyRelu:
      return x > 0 ? x : alpha * x;
    case Activation::Elu:
      return x > 0 ? x : alpha * std::expm1(x);
    case Activation::Sigmoid:
      return 1 / (1 + std::exp(-x));
    case Activation::Tanh:
      return std::tanh(x);
    case Activation::Softplus:
      return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    case Activation::None:
      break;
  }
  return x;
}

double slopeOf(Activation activation, double x, double alpha) {
  switch (activation) {
    case Activation::Relu:
      return x > 0 ? 1 : 0;
    case Activation::LeakyRelu:
      return x > 0 ? 1 : alpha;
    case Activation::Elu:
      return x > 0 ? 1 : alpha * std::exp(x);
    case Activation::Sigmoid:
    case Activation::Softplus: {
      const double s = 1 / (1 + std::exp(-x));
      return activation == Activation::Sigmoid ? s * (1 - s) : s;
    }
    case Activation::Tanh:
      return 1 - std::tanh(x) * std::tanh(x);
    case Activation::None:
      break;
  }
  return 1;
}

/** Error of a float in units of its last place. */
double ulps(float got, double expected) {
  if (std::isinf(got)) return std::fabs(expected) > 3.4028235e38 ? 0 : 1e9;
  int exponent;
  std::frexp(expected, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(got - expected) / unit;
}

/** Values over the whole range: dense where functions bend, every magnitude down to the smallest subnormal, both signs.
 */
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
      for (size_t i = 0; i < x.size(); ++i) worst = std::fmax(worst, ulps(y[i], valueOf(activation, x[i], 0.75)));
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
        worst = std::fmax(worst, std::fabs(dx[i] - 3 * slopeOf(activation, x[i], 0.75)));
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
