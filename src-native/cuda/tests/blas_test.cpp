#include <cmath>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "../backend.h"
#include "../blas.h"
#include "codes.h"
#include "core/inference.h"
#include "core/shared_library.h"
#include "fake/cublaslt.h"
#include "lone_runs.h"
#include "products.h"
#include "tests/harness.h"

// Products that are large enough for cuBLASLt: on a card by the true one where it is, and emulated by one that computes on the processor.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Sizes {
  int m, n, k, lanes;
};
constexpr Sizes kLarge{132, 136, 140, 3};

/** C of all lanes, and that of lane 1 alone; compared with the formula. */
void compareProducts(cuda::Stream& stream, const Sizes& sizes, const Asked& asked) {
  const auto [m, n, k, lanes] = sizes;
  const size_t rows = static_cast<size_t>(m), columns = static_cast<size_t>(n), depth = static_cast<size_t>(k), all = static_cast<size_t>(lanes);
  const std::vector<float> a = drawn(all * rows * depth, 1), b = drawn(all * depth * columns, 2), c = drawn(all * rows * columns, 3);
  const std::vector<float> got = multiplied(stream, Precision::Float32, m, n, k, lanes, a.data(), b.data(), c.data(), asked);
  for (size_t lane = 0; lane < all; ++lane) {
    for (size_t i = 0; i < rows; ++i) {
      for (size_t j = 0; j < columns; ++j) {
        double sum = 0;
        for (size_t at = 0; at < depth; ++at) {
          sum += static_cast<double>(a[lane * rows * depth + (asked.turnA ? at * rows + i : i * depth + at)]) *
                 static_cast<double>(b[lane * depth * columns + (asked.turnB ? j * depth + at : at * columns + j)]);
        }
        const size_t at = (lane * rows + i) * columns + j;
        sum = static_cast<double>(asked.alpha) * sum + (asked.accumulate ? static_cast<double>(c[at]) : 0);
        if (!(std::fabs(static_cast<double>(got[at]) - sum) <= 1e-5 * (1 + std::fabs(sum)))) {
          return fail(__FILE__, __LINE__, "element " + std::to_string(i) + ", " + std::to_string(j) + " of lane " + std::to_string(lane) + " differs");
        }
      }
    }
  }
  const size_t size = rows * columns;
  const std::vector<float> alone =
      multiplied(stream, Precision::Float32, m, n, k, 1, &a[rows * depth], &b[depth * columns], &c[size], asked);
  CHECK(std::memcmp(alone.data(), &got[size], size * sizeof(float)) == 0);
}

/** Both sides as they lie and transposed, and a product into parts of larger matrices. */
void compareAllWays(cuda::Stream& stream) {
  for (bool turnA : {false, true}) {
    for (bool turnB : {false, true}) compareProducts(stream, kLarge, {turnA, turnB});
  }
  compareProducts(stream, kLarge, {false, true, 12, 0.75F, true});
}

}  // namespace

TEST(cuda_large_products_equal_the_formula_and_the_lone_lane) {
  cuda::Stream stream(0);
  compareAllWays(stream);
}

#if !defined(__CUDACC__)

namespace {

/** For as long as it lives streams find the fake. */
class FakeBlas {
 public:
  FakeBlas() {
    setenv("DELTALAB_CUBLASLT", DELTALAB_FAKE_CUBLASLT, 1);
    void* library = openLibrary(DELTALAB_FAKE_CUBLASLT);
    if (!library) throw std::runtime_error(libraryError());
    calls = reinterpret_cast<FakeCalls* (*)()>(symbolOf(library, "fakeCalls"))();
    *calls = {};
  }
  ~FakeBlas() { unsetenv("DELTALAB_CUBLASLT"); }
  FakeCalls* calls = nullptr;
};

}  // namespace

TEST(cuda_blas_computes_all_lanes_at_once_as_one_was_asked_for) {
  FakeBlas fake;
  cuda::Stream stream(0);
  compareAllWays(stream);
  CHECK(fake.calls->products == 10 && fake.calls->lanes == 5 * (kLarge.lanes + 1));
  CHECK(fake.calls->mostAskedFor == 1 && fake.calls->reductions == 0 && fake.calls->computes == 1);
  // Too small, or such as begin elsewhere than at sixteen bytes.
  *fake.calls = {};
  compareProducts(stream, {20, 136, 140, 3}, {});
  compareProducts(stream, {133, 135, 137, 2}, {});
  CHECK(fake.calls->products == 0);
}

TEST(cuda_blas_computes_lane_by_lane_what_does_not_fit_its_workspace) {
  FakeBlas fake;
  fake.calls->workspaceOfOne = size_t{16} << 20;
  cuda::Stream stream(0);
  compareProducts(stream, kLarge, {false, true});
  CHECK(fake.calls->products == kLarge.lanes + 1 && fake.calls->lanes == kLarge.lanes + 1);
}

TEST(cuda_blas_is_asked_for_the_precision_of_the_plan) {
  FakeBlas fake;
  int expected = 1;
  for (const Precision precision : {Precision::Float32, Precision::Tf32, Precision::Bf16}) {
    fake.calls->computes = 0;
    cuda::CudaBackend device(0);
    TrainPlan plan = largePlan({lane(0.01)});
    plan.precision = precision;
    Trainer(plan, &device).advance(stepsOf(1));
    CHECK(fake.calls->computes == expected);
    expected *= 2;
  }
}

TEST(cuda_session_asks_blas_for_the_products_of_a_training) {
  // The same weights laid out otherwise are another product, whose sums may have another order.
  const TrainPlan plan = largePlan({lane(0.01)});
  FakeBlas fake;
  const auto device = std::make_shared<cuda::CudaBackend>(0);
  Trainer trainer(plan, device.get());
  const size_t rows = plan.training.count;
  *fake.calls = {};
  const std::vector<float> expected = trainer.predict(0, plan.training.inputs, rows);
  const FakeCalls asked = *fake.calls;
  *fake.calls = {};
  Session session(plan.graph, 1, device);
  const std::vector<NamedTensor> answers = session.run({{plan.graph.inputs[0].name, {static_cast<int64_t>(rows), 64}, plan.training.inputs}});
  CHECK(answers[0].data == expected);
  CHECK(asked.products > 0 && fake.calls->products == asked.products && fake.calls->turned == asked.turned);
}

TEST(cuda_trainer_with_blas_equals_that_without) {
  const std::vector<LaneSettings> lanes = {lane(0.01), lane(0.05, 0.9)};
  const TrainPlan plan = largePlan(lanes);
  cuda::CudaBackend without(0);
  Trainer own(plan, &without);
  const std::vector<EpochRecord> wanted = listOf(own.advance({}).epochs);
  FakeBlas fake;
  cuda::CudaBackend with(0);
  Trainer race(plan, &with);
  const AdvanceReport report = race.advance({});
  CHECK(fake.calls->products > 0 && fake.calls->lanes == 2 * fake.calls->products);
  const std::vector<EpochRecord> got = listOf(report.epochs);
  CHECK(got.size() == wanted.size());
  for (size_t i = 0; i < got.size() && i < wanted.size(); ++i) {
    CHECK(std::fabs(got[i].training.loss - wanted[i].training.loss) < 1e-5 * (1 + wanted[i].training.loss));
  }
  compareWithLoneRuns(race, report.epochs, plan, with);
}

TEST(cuda_blas_without_memory_is_no_blas_that_is_missing) {
  // Other kernels would come to other bits.
  FakeBlas fake;
  fake.calls->status = cuda::blaslt::kNoMemory;
  cuda::Stream stream(0);
  CHECK(codeOf([&] { stream.blas(); }) == "device.memory");
  fake.calls->status = 0;
  CHECK(stream.blas() != nullptr);
  fake.calls->status = cuda::blaslt::kNoMemory;
  CHECK(codeOf([&] { compareProducts(stream, kLarge, {}); }) == "device.memory");
  fake.calls->status = 0;
  compareProducts(stream, kLarge, {});
  CHECK(fake.calls->products > 0);
  fake.calls->status = cuda::blaslt::kNoMemory;
  CHECK(codeOf([&] { compareProducts(stream, kLarge, {}); }) == "device.memory");
}

TEST(cuda_blas_may_be_switched_off_or_missing) {
  for (const char* named : {"off", "/nowhere/libcublasLt.so"}) {
    setenv("DELTALAB_CUBLASLT", named, 1);
    cuda::Stream stream(0);
    CHECK(stream.blas() == nullptr);
    unsetenv("DELTALAB_CUBLASLT");
  }
}

#endif
