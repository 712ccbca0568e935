#include "../backend.h"
#include "codes.h"
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

/** Found out from sizes alone, without the card: as much as is allocated to begin with. Going on takes no more. */
size_t needOf(const TrainPlan& plan) {
  TrainPlan sizes = plan;
  for (Initializer& initializer : sizes.graph.initializers) initializer.values.clear();
  for (DataSplit* split : {&sizes.training, sizes.validation ? &*sizes.validation : nullptr}) {
    if (split) *split = {{}, {}, {}, split->count};
  }
  const size_t need = memoryOf(sizes, {cuda::CudaBackend::meter(0).get()})[0];
  const auto meter = cuda::CudaBackend::meter(0);
  Trainer measured(plan, meter.get());
  CHECK_EQ(meter->mostAllocated(), need);
  measured.advance({});
  CHECK_EQ(meter->mostAllocated(), need);
  return need;
}

/** The code of what a training with so many bytes free is refused or ended with; empty: it came to its end. */
std::string trainedWith(size_t free, TrainPlan plan, cuda::CudaBackend& device, bool asks) {
  const Ballast ballast(free);
  return codeOf([&] {
    Trainer trainer(asks ? withEnoughMemory(std::move(plan), {&device}) : std::move(plan), &device);
    trainer.advance({});
  });
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

TEST(cuda_memory_of_the_start_of_a_training_on_many_samples_is_part_of_it) {
  TrainPlan plan = picturePlan({lane(0.1), lane(0.2)});
  // So many values of a sample that the rows of a pass divide neither the samples nor those that the start is judged by.
  Generator generator(6);
  plan.graph.inputs[0].dims = {-1, 2, 14, 14};
  plan.graph.initializers[2] = initializer("linear.weight", {3, 196}, generator);
  plan.training = samples(9000, 392, 3, true, 2);
  // Its arena is the largest, and is never replaced: that would leave room for what is made later.
  plan.batchSize = 4500;
  needOf(plan);
}

TEST(cuda_memory_that_an_answer_lacks_leaves_a_training_as_it_was) {
  cuda::CudaBackend device(0);
  TrainPlan plan = picturePlan({lane(0.1), lane(0.05)});
  Trainer trainer(plan, &device), plain(plan, &device);
  trainer.advance(stepsOf(2));
  {
    const Ballast ballast(0);
    const DataSplit asked = samples(37, 72, 3, true, 4);
    CHECK(codeOf([&] { trainer.predict(1, asked.inputs, asked.count); }) == "device.memory");
  }
  trainer.advance({});
  plain.advance({});
  CHECK(trainer.saveState() == plain.saveState());
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
