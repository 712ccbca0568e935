#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "../backend.h"
#include "core/errors.h"
#include "lone_runs.h"
#include "products.h"
#include "tests/harness.h"

// Factors of products that are rounded to TF32 or bfloat16.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

double lossAfter(TrainPlan plan, Precision precision, DeviceBackend& device, double& first) {
  plan.precision = precision;
  Trainer trainer(plan, &device);
  const std::vector<EpochRecord> records = listOf(trainer.advance({}).epochs);
  first = records.front().training.loss;
  return records.back().training.loss;
}

std::string refusal(TrainPlan plan, Precision precision, DeviceBackend* device) {
  plan.precision = precision;
  try {
    Trainer trainer(plan, device);
  } catch (const EngineError& error) {
    return error.code();
  }
  return "none";
}

}  // namespace

TEST(cuda_rounded_products_are_the_sums_of_rounded_factors) {
  cuda::Stream stream(0);
  struct Sizes {
    int m, n, k, lanes;
  };
  // Of every tile; the last have edges of each.
  for (const Sizes& sizes : {Sizes{1, 1, 1, 1}, Sizes{5, 3, 19, 2}, Sizes{35, 33, 40, 3}, Sizes{65, 66, 21, 130}, Sizes{129, 130, 17, 34}}) {
    const auto [m, n, k, lanes] = sizes;
    const size_t rows = static_cast<size_t>(m), columns = static_cast<size_t>(n), depth = static_cast<size_t>(k), all = static_cast<size_t>(lanes);
    const std::vector<float> a = drawn(all * rows * depth, 1), b = drawn(all * depth * columns, 2);
    std::vector<float> c(all * rows * columns);
    for (const Precision precision : kRounded) {
      for (const int turns : {0, 1, 2, 3}) {
        if (turns != 1 && lanes > 3) continue;
        const bool turnA = turns % 2 == 1, turnB = turns / 2 == 1;
        const std::vector<float> got = multiplied(stream, precision, m, n, k, lanes, a.data(), b.data(), c.data(), {turnA, turnB});
        for (const size_t lane : {size_t{0}, all - 1}) {
          for (size_t i = 0; i < rows; ++i) {
            for (size_t j = 0; j < columns; ++j) {
              double sum = 0, exact = 0;
              for (size_t at = 0; at < depth; ++at) {
                const float x = a[lane * rows * depth + (turnA ? at * rows + i : i * depth + at)];
                const float y = b[lane * depth * columns + (turnB ? j * depth + at : at * columns + j)];
                sum += static_cast<double>(rounded(precision, x)) * static_cast<double>(rounded(precision, y));
                exact += static_cast<double>(x) * static_cast<double>(y);
              }
              const double value = static_cast<double>(got[(lane * rows + i) * columns + j]);
              if (std::fabs(value - sum) > 2e-6 * (1 + std::fabs(sum))) return fail(__FILE__, __LINE__, "a product is not that of rounded factors");
              if (i == 0 && j == 0 && value == exact) return fail(__FILE__, __LINE__, "nothing was rounded");
            }
          }
        }
      }
    }
  }
}

TEST(cuda_factors_are_rounded_to_the_nearest) {
  cuda::Stream stream(0);
  const float one = 1;
  for (const Precision precision : kRounded) {
    const float unit = precision == Precision::Tf32 ? 1.0F / 1024 : 1.0F / 128;
    for (const float value : {1.0F, 1 + unit, 1 + 0.5F * unit, 1 + 1.5F * unit, 1 + 0.49F * unit, 1 + 0.51F * unit, 2 - 0.25F * unit, -3e-20F, 0.0F}) {
      float c = 0;
      const float wanted = rounded(precision, value);
      CHECK(multiplied(stream, precision, 1, 1, 1, 1, &value, &one, &c, {})[0] == wanted);
      CHECK(multiplied(stream, precision, 1, 1, 1, 1, &one, &value, &c, {})[0] == wanted);
    }
    for (const float value : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
      float c = 0;
      CHECK(!std::isfinite(multiplied(stream, precision, 1, 1, 1, 1, &value, &one, &c, {})[0]));
    }
  }
}

TEST(cuda_rounded_products_of_a_lane_are_those_of_the_lone_lane_bit_for_bit) {
  // Many lanes take large tiles, one takes small ones.
  cuda::Stream stream(0);
  constexpr int m = 130, n = 129, k = 21, lanes = 130;
  constexpr size_t left = size_t{m} * k, right = size_t{k} * n, size = size_t{m} * n;
  const std::vector<float> a = drawn(lanes * left, 1), b = drawn(lanes * right, 2);
  std::vector<float> c(lanes * size);
  for (const Precision precision : kRounded) {
    const std::vector<float> together = multiplied(stream, precision, m, n, k, lanes, a.data(), b.data(), c.data(), {false, true});
    const std::vector<float> alone = multiplied(stream, precision, m, n, k, 1, &a[77 * left], &b[77 * right], c.data(), {false, true});
    CHECK(std::memcmp(&together[77 * size], alone.data(), size * sizeof(float)) == 0);
  }
}

TEST(cuda_trainer_learns_in_every_precision) {
  cuda::CudaBackend device(0);
  TrainPlan plan = largePlan({lane(0.05)});
  plan.epochs = 4;
  double first = 0;
  const double exact = lossAfter(plan, Precision::Float32, device, first);
  for (const Precision precision : kRounded) {
    const double loss = lossAfter(plan, precision, device, first);
    CHECK(loss < first && loss != exact && std::fabs(loss - exact) < 0.02 * exact);
  }
}

TEST(cuda_trainer_lane_is_the_lone_run_in_every_precision) {
  cuda::CudaBackend device(0);
  TrainPlan plan = largePlan({lane(0.1), lane(0.5, 0.9), lane(0.3)});
  for (const Precision precision : kRounded) {
    plan.precision = precision;
    compareWithLoneRuns(plan, device);
  }
}

TEST(cuda_trainer_refuses_a_precision_that_is_not_there) {
  cuda::CudaBackend device(0);
  CHECK(refusal(linearPlan(0.1), Precision::Tf32, nullptr) == "plan.setting");
  CHECK(refusal(linearPlan(0.1), Precision::Bf16, &device) == "none");
#if !defined(__CUDACC__)
  setenv("DELTALAB_EMULATED_CAPABILITY", "75", 1);
  cuda::CudaBackend old(0);
  unsetenv("DELTALAB_EMULATED_CAPABILITY");
  CHECK(refusal(linearPlan(0.1), Precision::Float32, &old) == "none");
  for (const Precision precision : kRounded) CHECK(refusal(linearPlan(0.1), precision, &old) == "device.precision");
#endif
}

TEST(cuda_trainer_goes_on_in_its_own_precision_only) {
  cuda::CudaBackend device(0);
  TrainPlan plan = linearPlan(0.1);
  plan.precision = Precision::Tf32;
  Trainer saved(plan, &device);
  saved.advance(stepsOf(3));
  Trainer same(plan, &device);
  same.loadState(saved.saveState());
  CHECK(same.saveState() == saved.saveState());
  for (const Precision precision : {Precision::Float32, Precision::Bf16}) {
    plan.precision = precision;
    Trainer other(plan, &device);
    std::string code;
    try {
      other.loadState(saved.saveState());
    } catch (const EngineError& error) {
      code = error.code();
    }
    CHECK(code == "state.mismatch");
  }
}
