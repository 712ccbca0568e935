#include <cstring>

#include "core/bytes.h"
#include "core/errors.h"
#include "harness.h"
#include "trainer_fixtures.h"

// Saved states: going on from one, and refusing others.

using namespace deltalab;
using namespace deltalab::testing;

TEST(trainer_state_resumes_bit_for_bit_at_any_step) {
  const auto makePlan = [] {
    TrainPlan plan = smallPlan({lane(0.1, 0.9), lane(0.3, 0, false, 0.01), lane(1e30)});
    plan.epochs = 3;
    return plan;
  };
  Trainer whole(makePlan());
  const AdvanceReport all = whole.advance({});
  // 7 steps an epoch: before the start, in mid-epoch, at its end, at the end of all.
  for (int64_t stop : {0, 1, 5, 7, 10, 21}) {
    Trainer first(makePlan());
    AdvanceLimit limit;
    limit.steps = stop;
    std::vector<EpochRecord> records = listOf(first.advance(limit).epochs);
    const std::vector<uint8_t> state = first.saveState();
    Trainer second(makePlan());
    second.loadState(state);
    CHECK(second.saveState() == state);
    const AdvanceReport after = second.advance({});
    CHECK(after.lanes[2].state == LaneState::Diverged);
    for (const EpochRecord& record : after.epochs) records.push_back(record);
    for (int i : {0, 1}) CHECK(traceOf(second, records, i) == traceOf(whole, all.epochs, i));
    CHECK(second.saveState() == whole.saveState());
  }
}

TEST(trainer_more_epochs_after_the_end) {
  TrainPlan plan = smallPlan({lane(0.1, 0.9)});
  Trainer whole(plan);
  whole.advance({});
  plan.epochs = 2;
  Trainer first(plan);
  CHECK(first.advance({}).reason == Reason::Finished);
  plan.epochs = 6;
  Trainer second(plan);
  second.loadState(first.saveState());
  CHECK_EQ(second.advance({}).epoch, 6);
  CHECK(traceOf(second, EpochRecords(), 0) == traceOf(whole, EpochRecords(), 0));
}

TEST(trainer_refuses_a_foreign_or_damaged_state) {
  Trainer trainer(smallPlan({lane(0.1), lane(0.2)}));
  trainer.advance(stepsOf(3));
  const std::vector<uint8_t> state = trainer.saveState();
  const auto codeOfLoading = [](TrainPlan plan, const std::vector<uint8_t>& bytes) -> std::string {
    Trainer other(std::move(plan));
    const std::vector<uint8_t> before = other.saveState();
    try {
      other.loadState(bytes);
    } catch (const EngineError& error) {
      CHECK(other.saveState() == before);
      return error.code();
    }
    return "";
  };
  CHECK_EQ(codeOfLoading(smallPlan({lane(0.5), lane(0.2)}), state), "");
  CHECK_EQ(codeOfLoading(smallPlan({lane(0.1)}), state), "state.mismatch");
  TrainPlan otherBatch = smallPlan({lane(0.1), lane(0.2)});
  otherBatch.batchSize = 9;
  CHECK_EQ(codeOfLoading(otherBatch, state), "state.mismatch");
  for (size_t at = 0; at < state.size(); at += 97) {
    std::vector<uint8_t> damaged = state;
    damaged[at] ^= 1;
    CHECK_EQ(codeOfLoading(smallPlan({lane(0.1), lane(0.2)}), damaged), "state.mismatch");
    damaged.resize(at);
    CHECK_EQ(codeOfLoading(smallPlan({lane(0.1), lane(0.2)}), damaged), "state.mismatch");
  }
}

TEST(trainer_refuses_a_state_of_other_frozen_values) {
  const auto codeWith = [](float weight, float frozen, int64_t rows) -> std::string {
    const auto makePlan = [](float first, float second, int64_t last) {
      TrainPlan plan = smallPlan({lane(0.1)});
      plan.graph.initializers[0].values[0] = first;
      plan.graph.initializers[3].frozen = true;
      plan.graph.initializers[3].values[2] = second;
      plan.graph.initializers.push_back(constant("shape", {last, 3}));
      plan.graph.nodes.push_back(node("view", "Reshape", {plan.graph.outputs[0].name, "shape"}));
      plan.graph.outputs[0].name = "view.out";
      return plan;
    };
    Trainer trainer(makePlan(0.5F, 0.25F, 0));
    trainer.advance({});
    Trainer other(makePlan(weight, frozen, rows));
    try {
      other.loadState(trainer.saveState());
    } catch (const EngineError& error) {
      return error.code();
    }
    return "";
  };
  CHECK_EQ(codeWith(0.5F, 0.25F, 0), "");
  CHECK_EQ(codeWith(0.75F, 0.25F, 0), "");  // trained values come from the state
  CHECK_EQ(codeWith(0.5F, 9, 0), "state.mismatch");
  CHECK_EQ(codeWith(0.5F, 0.25F, -1), "state.mismatch");
}

TEST(trainer_refuses_a_state_that_was_tampered_with) {
  const auto makePlan = [] { return smallPlan({lane(0.1), lane(0.2)}); };
  Trainer trainer(makePlan());
  trainer.advance(stepsOf(3));
  const std::vector<uint8_t> state = trainer.saveState();
  // Magic, version, fingerprint, step, epoch, position, whether the start was reported, reference loss, seconds; then the arrays.
  constexpr size_t kStep = 16, kEpoch = 24, kPosition = 32, kGenerator = 57;
  uint64_t generatorSize = 0;
  std::memcpy(&generatorSize, state.data() + kGenerator, sizeof generatorSize);
  const size_t order = kGenerator + 8 + generatorSize + 8;
  const size_t laneState = order + 53 * 8 + numberSettings().size() * 8 + switchSettings().size();
  const auto codeWith = [&](size_t at, auto value) -> std::string {
    std::vector<uint8_t> bytes = state;
    std::memcpy(bytes.data() + at, &value, sizeof value);
    const uint64_t right = checksumOfBlock(bytes.data(), bytes.size() - 8);
    std::memcpy(bytes.data() + bytes.size() - 8, &right, sizeof right);
    Trainer other(makePlan());
    const std::vector<uint8_t> before = other.saveState();
    try {
      other.loadState(bytes);
    } catch (const EngineError& error) {
      CHECK(other.saveState() == before);
      return error.code();
    }
    return "";
  };
  int64_t first = 0;
  std::memcpy(&first, state.data() + order, sizeof first);
  CHECK_EQ(codeWith(order, first), "");  // the offsets and the new checksum are right
  CHECK_EQ(codeWith(kPosition, uint64_t{16}), "");
  CHECK_EQ(codeWith(laneState, uint8_t{3}), "");
  CHECK_EQ(codeWith(kStep, int64_t{-1}), "state.mismatch");
  CHECK_EQ(codeWith(kEpoch, int64_t{-1}), "state.mismatch");
  CHECK_EQ(codeWith(kPosition, uint64_t{13}), "state.mismatch");
  CHECK_EQ(codeWith(kPosition, uint64_t{56}), "state.mismatch");
  CHECK_EQ(codeWith(kGenerator + 8, uint8_t{0}), "state.mismatch");
  CHECK_EQ(codeWith(order, int64_t{1} << 40), "state.mismatch");
  CHECK_EQ(codeWith(order, int64_t{-1}), "state.mismatch");
  CHECK_EQ(codeWith(order + 8, first), "state.mismatch");  // one sample twice
  CHECK_EQ(codeWith(laneState, uint8_t{7}), "state.mismatch");
  CHECK_EQ(codeWith(order + 53 * 8, -1.0), "state.mismatch");  // a learning rate
  CHECK_EQ(codeWith(laneState + 1, uint8_t{3}), "state.mismatch");
}
