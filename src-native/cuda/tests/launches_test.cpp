#include "../backend.h"
#include "core/trainer.h"
#include "products.h"
#include "tests/harness.h"

// What a step asks a card for: on small and middle networks the number of kernels decides how long it takes.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Of the second step: before the first one the first weights are evaluated. */
size_t launchesOfStep(TrainPlan plan) {
  cuda::CudaBackend device(0);
  Trainer trainer(std::move(plan), &device);
  AdvanceLimit limit;
  limit.steps = 1;
  trainer.advance(limit);
  const size_t before = device.launches();
  trainer.advance(limit);
  return device.launches() - before;
}

}  // namespace

TEST(cuda_a_step_asks_for_as_few_kernels_whatever_the_number_of_lanes) {
  // The batch, two layers, the loss with its gradient; the gradients of the second layer's bias, weights and inputs, of the first one's bias, with
  // the slope of its activation, and weights; the update.
  constexpr size_t kWanted = 1 + 2 + 1 + 3 + 2 + 1;
  TrainPlan plan = largePlan({lane(0.1)});
  plan.training = samples(512, 64, 128, false, 2);
  CHECK_EQ(launchesOfStep(plan), kWanted);
  plan.lanes = {lane(0.1), lane(0.2), lane(0.3)};
  CHECK_EQ(launchesOfStep(plan), kWanted);
}
