#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.h"
#include "cpu/kernels/rows.h"
#include "harness.h"

// The row kernels of the instruction set in use against the plain loops in double, at every length around the vectors and the blocks.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

std::vector<size_t> lengths() {
  std::vector<size_t> result;
  for (size_t n = 1; n <= 140; ++n) result.push_back(n);
  for (size_t n : {4095, 4096, 4097, 4160, 8193}) result.push_back(n);
  return result;
}

struct Row {
  std::vector<float> single;
  std::vector<double> wide;

  Row(size_t n, Generator& generator, float low, float high) : single(n) {
    generator.uniform(single.data(), n, low, high);
    wide.assign(single.begin(), single.end());
  }
};

void checkNear(const std::vector<float>& got, const std::vector<double>& expected, double tolerance, const char* what) {
  for (size_t i = 0; i < got.size(); ++i) {
    const double scale = std::max(1.0, std::fabs(expected[i]));
    if (!(std::fabs(static_cast<double>(got[i]) - expected[i]) <= tolerance * scale)) {
      return fail(what, static_cast<int>(i), std::to_string(got[i]) + " of " + std::to_string(got.size()) + " values, expected " + std::to_string(expected[i]));
    }
  }
}

void checkNear(double got, double expected, size_t n, const char* what) {
  // Rounding errors of a sum grow with the size of its terms.
  if (!(std::fabs(got - expected) <= 1e-6 * static_cast<double>(n) + 1e-5)) {
    fail(what, static_cast<int>(n), std::to_string(got) + ", expected " + std::to_string(expected));
  }
}

}  // namespace

TEST(row_kernels_sum_and_standardise_as_in_double) {
  Generator generator(12);
  for (size_t n : lengths()) {
    const Row x(n, generator, -2, 2), dy(n, generator, -2, 2), weight(n, generator, -2, 2), shift(n, generator, -2, 2);
    checkNear(rowSum(x.single.data(), n), rowSum(x.wide.data(), n), n, "sum");
    checkNear(rowSquares(x.single.data(), n, 0.25F), rowSquares(x.wide.data(), n, 0.25), n, "squares");
    for (bool weighted : {false, true}) {
      const float* w = weighted ? weight.single.data() : nullptr;
      const double* wide = weighted ? weight.wide.data() : nullptr;
      const RowSums got = rowProducts(dy.single.data(), x.single.data(), w, n, 0.25F);
      const RowSums expected = rowProducts(dy.wide.data(), x.wide.data(), wide, n, 0.25);
      checkNear(got.plain, expected.plain, n, "products, plain");
      checkNear(got.centred, expected.centred, n, "products, centred");
      for (bool accumulate : {false, true}) {
        std::vector<float> dx = shift.single;
        std::vector<double> dxWide = shift.wide;
        rowStandardiseGradient(dy.single.data(), x.single.data(), w, dx.data(), n, GradientFactors<float>{0.25F, 1.5F, -0.5F, 0.75F}, accumulate);
        rowStandardiseGradient(dy.wide.data(), x.wide.data(), wide, dxWide.data(), n, GradientFactors<double>{0.25, 1.5, -0.5, 0.75}, accumulate);
        checkNear(dx, dxWide, 1e-6, "gradient");
      }
    }
    std::vector<float> y(n);
    std::vector<double> yWide(n);
    rowStandardise(x.single.data(), y.data(), n, 0.25F, 1.5F, -0.75F);
    rowStandardise(x.wide.data(), yWide.data(), n, 0.25, 1.5, -0.75);
    checkNear(y, yWide, 1e-6, "standardise");
    for (bool shifted : {false, true}) {
      rowStandardise(x.single.data(), weight.single.data(), shifted ? shift.single.data() : nullptr, y.data(), n, 0.25F, 1.5F);
      rowStandardise(x.wide.data(), weight.wide.data(), shifted ? shift.wide.data() : nullptr, yWide.data(), n, 0.25, 1.5);
      checkNear(y, yWide, 1e-6, "standardise, weighted");
    }
    std::vector<float> dWeight = weight.single, dShift = shift.single;
    std::vector<double> dWeightWide = weight.wide, dShiftWide = shift.wide;
    rowAddParameterGradients(dy.single.data(), x.single.data(), dWeight.data(), dShift.data(), n, 0.25F, 1.5F);
    rowAddParameterGradients(dy.wide.data(), x.wide.data(), dWeightWide.data(), dShiftWide.data(), n, 0.25, 1.5);
    checkNear(dWeight, dWeightWide, 1e-6, "weight gradient");
    checkNear(dShift, dShiftWide, 1e-6, "shift gradient");
  }
}

TEST(row_kernels_take_softmax_as_in_double) {
  Generator generator(13);
  for (size_t n : lengths()) {
    // All negative: a masked rest that counted as 0 would be the largest value.
    const Row x(n, generator, -90, -50), dy(n, generator, -2, 2), shift(n, generator, -2, 2);
    std::vector<float> y(n), dx(n);
    std::vector<double> yWide(n), dxWide(n);
    for (bool shifted : {false, true}) {
      rowSoftmax(x.single.data(), shifted ? shift.single.data() : nullptr, y.data(), n, 0.5F);
      rowSoftmax(x.wide.data(), shifted ? shift.wide.data() : nullptr, yWide.data(), n, 0.5);
      checkNear(y, yWide, 1e-5, "softmax");
    }
    for (bool accumulate : {false, true}) {
      dx = shift.single;
      dxWide = shift.wide;
      rowSoftmaxGradient(y.data(), dy.single.data(), dx.data(), n, 0.5F, accumulate);
      rowSoftmaxGradient(yWide.data(), dy.wide.data(), dxWide.data(), n, 0.5, accumulate);
      checkNear(dx, dxWide, 1e-5, "softmax gradient");
    }
    rowLogSoftmax(x.single.data(), y.data(), n);
    rowLogSoftmax(x.wide.data(), yWide.data(), n);
    checkNear(y, yWide, 1e-5, "logarithm of softmax");
    for (bool accumulate : {false, true}) {
      dx = shift.single;
      dxWide = shift.wide;
      rowLogSoftmaxGradient(y.data(), dy.single.data(), dx.data(), n, accumulate);
      rowLogSoftmaxGradient(yWide.data(), dy.wide.data(), dxWide.data(), n, accumulate);
      checkNear(dx, dxWide, 1e-4, "gradient of the logarithm");
    }
  }
}

TEST(row_kernels_of_softmax_pass_nan_on_and_survive_extremes) {
  const float inf = INFINITY;
  for (size_t n : {3, 16, 40}) {
    std::vector<float> x(n, 1.0F), y(n);
    const auto take = [&](float first) {
      x[n - 1] = first;
      rowSoftmax(x.data(), static_cast<const float*>(nullptr), y.data(), n, 1.0F);
      return y;
    };
    for (float value : take(NAN)) CHECK(std::isnan(value));
    for (float value : take(inf)) CHECK(std::isnan(value));
    CHECK_EQ(take(-inf)[n - 1], 0.0F);
    CHECK(std::fabs(take(-inf)[0] * static_cast<float>(n - 1) - 1) < 1e-6F);
    CHECK_EQ(take(3e38F)[n - 1], 1.0F);
    CHECK_EQ(take(3e38F)[0], 0.0F);
  }
}
