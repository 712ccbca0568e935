#include "../backend.h"
#include "core/errors.h"
#include "core/trainer_memory.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// What a training needs of a card's memory, as one figure before it starts, against what it really takes.

using namespace deltalab;
using namespace deltalab::testing;

#if !defined(__CUDACC__)
namespace {

/** Leaves so many bytes of the emulated card free. */
class Ballast {
 public:
  explicit Ballast(size_t free) : memory_(cuda::emulation::allocate(cuda::emulation::memory().free - free)) {}
  ~Ballast() { cuda::emulation::release(memory_); }
  Ballast(const Ballast&) = delete;
  Ballast& operator=(const Ballast&) = delete;

 private:
  void* memory_;
};

/** Found out from sizes alone, without the card. */
size_t needOf(TrainPlan plan) {
  for (Initializer& initializer : plan.graph.initializers) initializer.values.clear();
  for (DataSplit* split : {&plan.training, plan.validation ? &*plan.validation : nullptr}) {
    if (split) *split = {{}, {}, {}, split->count};
  }
  return memoryOf(plan, {cuda::CudaBackend::meter(0).get()})[0];
}

/** The code of what a training with so many bytes free is refused or ended with; empty: it came to its end. */
std::string trainedWith(size_t free, TrainPlan plan, cuda::CudaBackend& device, bool asks) {
  const Ballast ballast(free);
  try {
    Trainer trainer(asks ? withEnoughMemory(std::move(plan), {&device}) : std::move(plan), &device);
    trainer.advance({});
    return "";
  } catch (const EngineError& error) {
    return error.code();
  }
}

TrainPlan widePlan(std::vector<LaneSettings> lanes, OptimizerKind optimizer) {
  TrainPlan plan = smallPlan(std::move(lanes));
  plan.graph = network({40, 300, 200, 3}, "Relu", 1);
  plan.optimizer = optimizer;
  plan.training = samples(90, 40, 3, true, 2);
  plan.validation = samples(30, 40, 3, true, 3);
  return plan;
}

void expectExact(const TrainPlan& whole) {
  cuda::CudaBackend device(0);
  TrainPlan plan = whole;
  plan.epochs = 2;
  const size_t need = needOf(plan);
  // Neither too little to come to the end with, nor a tenth too much; and one byte less is refused before anything is allocated.
  CHECK(trainedWith(need, plan, device, true).empty());
  CHECK(trainedWith(need - 1, plan, device, true) == "device.memory");
  CHECK(trainedWith(need - need / 10, plan, device, false) == "device.memory");
}

}  // namespace

TEST(cuda_memory_of_a_training_is_what_it_takes) {
  LaneSettings clipped = lane(0.05);
  clipped.clipNorm = 0.5;
  clipped.maxNorm = 1;
  expectExact(widePlan({lane(0.1)}, OptimizerKind::Sgd));
  expectExact(widePlan({lane(0.1), clipped, lane(0.2)}, OptimizerKind::Adam));
  TrainPlan pictures = picturePlan({lane(0.1), lane(0.01)});
  pictures.training = samples(600, 72, 3, true, 2);
  pictures.validation = samples(40, 72, 3, true, 3);
  expectExact(pictures);
  // Of a network that is trained by one kernel.
  TrainPlan small = smallPlan({lane(0.1)});
  small.graph = network({40, 60, 3}, "Relu", 1);
  small.training = samples(900, 40, 3, true, 2);
  small.validation.reset();
  expectExact(small);
}

TEST(cuda_memory_is_asked_for_without_a_trace) {
  cuda::CudaBackend device(0);
  const TrainPlan plan = droppingPlan({lane(0.1), lane(0.05)});
  const size_t before = cuda::emulation::memory().free;
  Trainer asked(withEnoughMemory(plan, {&device}), &device);
  CHECK(cuda::emulation::memory().free < before);
  Trainer plain(plan, &device);
  asked.advance({});
  plain.advance({});
  CHECK(asked.saveState() == plain.saveState());
}
#endif
