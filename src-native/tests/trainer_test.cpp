#include "core/trainer.h"

#include <cmath>
#include <cstring>

#include "core/bytes.h"
#include "core/errors.h"
#include "fixtures.h"
#include "harness.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Bits of everything a lane shows: its weights, and the figures of its epochs. */
template <class Records>
std::vector<uint64_t> traceOf(Trainer& trainer, const Records& records, int lane) {
  std::vector<uint64_t> trace;
  const auto addDouble = [&](double value) {
    uint64_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    trace.push_back(bits);
  };
  for (const EpochRecord& record : records) {
    if (record.lane != lane) continue;
    addDouble(record.training.loss);
    for (double figure : record.training.metrics) addDouble(figure);
    if (record.validation) addDouble(record.validation->loss);
  }
  for (const NamedTensor& tensor : trainer.weights(lane)) {
    for (float value : tensor.data) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      trace.push_back(bits);
    }
  }
  if (const auto best = trainer.bestWeights(lane)) {
    for (const NamedTensor& tensor : *best) {
      for (float value : tensor.data) addDouble(static_cast<double>(value));
    }
  }
  return trace;
}

std::vector<EpochRecord> listOf(const EpochRecords& records) {
  std::vector<EpochRecord> list;
  for (const EpochRecord& record : records) list.push_back(record);
  return list;
}

std::vector<uint64_t> runToEnd(TrainPlan plan, int lane) {
  Trainer trainer(std::move(plan));
  const AdvanceReport report = trainer.advance({});
  return traceOf(trainer, report.epochs, lane);
}

std::vector<LaneSettings> variedLanes() {
  return {lane(0.001), lane(0.1, 0.9), lane(0.05, 0.8, true), lane(0.3, 0, false, 0.01), lane(1.0), lane(0.02), lane(0.2), lane(0.5)};
}

std::string codeOf(void (*body)()) {
  try {
    body();
  } catch (const EngineError& error) {
    return error.code();
  }
  return "";
}

/** The two shapes of first layer: stacked weights (one wide product), and weights that cannot be stacked. */
TrainPlan planWithPlainWeights(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  plan.graph.nodes[0].attributes = {};
  plan.graph.initializers[0].dims = {5, 7};
  return plan;
}

TrainPlan linearPlan(double rate) {
  TrainPlan plan;
  plan.graph = network({3, 2}, "", 4);
  plan.lanes = {lane(rate)};
  plan.training = samples(40, 3, 2, false, 5);
  plan.batchSize = 10;
  plan.epochs = 50;
  plan.threads = 1;
  return plan;
}

}  // namespace

TEST(trainer_lane_equals_the_lone_run) {
  const std::vector<LaneSettings> lanes = variedLanes();
  for (auto makePlan : {smallPlan, planWithPlainWeights}) {
    for (size_t i = 0; i < lanes.size(); ++i) {
      CHECK(runToEnd(makePlan(lanes), static_cast<int>(i)) == runToEnd(makePlan({lanes[i]}), 0));
    }
  }
  // The comparison can fail: another learning rate gives other bits.
  CHECK(runToEnd(smallPlan(lanes), 0) != runToEnd(smallPlan({lane(0.002)}), 0));
}

TEST(trainer_lane_equals_the_lone_run_when_wide) {
  // Wide enough for products that are turned round, cut into blocks and shared by threads; three lanes leave one over on two threads.
  const auto makePlan = [](std::vector<LaneSettings> lanes, int threads) {
    TrainPlan plan = smallPlan(std::move(lanes));
    plan.graph = network({200, 140, 1024, 10}, "Relu", 7);
    plan.training = samples(330, 200, 10, true, 8);
    plan.validation = samples(70, 200, 10, true, 9);
    plan.batchSize = 48;
    plan.epochs = 2;
    plan.threads = threads;
    return plan;
  };
  LaneSettings clipped = lane(0.05);
  clipped.clipNorm = 0.5;
  clipped.maxNorm = 2;
  const std::vector<LaneSettings> lanes{lane(0.02), lane(0.05, 0.9), clipped};
  const auto normsOf = [](TrainPlan plan, int lane) {
    Trainer trainer(std::move(plan));
    AdvanceLimit limit;
    limit.steps = 9;
    trainer.advance(limit);
    std::vector<double> norms;
    for (const Norms& norm : trainer.norms(lane)) norms.insert(norms.end(), {norm.weight, norm.update});
    return norms;
  };
  for (size_t i = 0; i < lanes.size(); ++i) {
    const int index = static_cast<int>(i);
    const std::vector<uint64_t> alone = runToEnd(makePlan({lanes[i]}, 1), 0);
    CHECK(runToEnd(makePlan({lanes[i]}, 2), 0) == alone);
    for (int threads : {1, 2, 3}) CHECK(runToEnd(makePlan(lanes, threads), index) == alone);
    CHECK(normsOf(makePlan(lanes, 2), index) == normsOf(makePlan({lanes[i]}, 1), 0));
  }
}

TEST(trainer_lane_equals_the_lone_run_when_others_diverge) {
  TrainPlan plan = smallPlan({lane(1e30), lane(0.1), lane(1e25), lane(1e20)});
  TrainPlan alone = smallPlan({lane(0.1)});
  Trainer trainer(plan);
  const AdvanceReport report = trainer.advance({});
  CHECK(report.lanes[0].state == LaneState::Diverged);
  CHECK(report.lanes[2].state == LaneState::Diverged);
  CHECK(report.lanes[1].state == LaneState::Finished);
  CHECK(traceOf(trainer, report.epochs, 1) == runToEnd(alone, 0));
}

TEST(trainer_threads_do_not_change_a_bit) {
  // Large enough for every kernel to spread its work.
  TrainPlan plan;
  plan.graph = network({120, 260, 130, 10}, "Relu", 7);
  plan.lanes = {lane(0.05, 0.9), lane(0.01)};
  plan.loss = LossKind::CrossEntropy;
  plan.training = samples(700, 120, 10, true, 8);
  plan.validation = samples(600, 120, 10, true, 9);
  plan.batchSize = 256;
  plan.epochs = 2;
  plan.metrics = {Metric::Accuracy};
  std::vector<uint64_t> expected;
  for (int threads : {1, 2, 3, 7}) {
    plan.threads = threads;
    const std::vector<uint64_t> trace = runToEnd(plan, 0);
    if (expected.empty()) expected = trace;
    CHECK(trace == expected);
  }
}

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

TEST(trainer_refuses_a_foreign_or_damaged_state) {
  Trainer trainer(smallPlan({lane(0.1), lane(0.2)}));
  AdvanceLimit limit;
  limit.steps = 3;
  trainer.advance(limit);
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

TEST(trainer_a_last_step_that_blows_up_is_a_divergence) {
  // Finite losses until the only epoch's last step, whose update overflows.
  TrainPlan plan = linearPlan(0);
  for (float& target : plan.training.targets) target = 1000 + target;
  plan.epochs = 1;
  for (int64_t batchSize : {0, 20}) {
    for (bool validated : {false, true}) {
      plan.batchSize = batchSize;
      plan.validation = validated ? std::optional<DataSplit>(samples(9, 3, 2, false, 6)) : std::nullopt;
      Trainer trainer(plan);
      AdvanceLimit limit;
      limit.steps = batchSize == 0 ? 0 : 1;
      trainer.advance(limit);
      trainer.setLearningRate(0, 3e38);
      const AdvanceReport report = trainer.advance({});
      CHECK_EQ(report.epochs.size(), size_t{1});
      CHECK(report.lanes[0].state == LaneState::Diverged);
      CHECK(report.lanes[0].cause == Cause::NotFinite);
      CHECK(!std::isfinite(report.lanes[0].loss.value_or(0)));
      CHECK(std::isfinite(report.epochs.back().training.loss));
      const auto best = trainer.bestWeights(0);
      CHECK_EQ(best.has_value(), batchSize == 0 && !validated);  // those of before the step
      if (best) CHECK(std::isfinite((*best)[0].data[0]));
    }
  }
}

/** The loss that the best weights of a lane really have on `data`. */
double lossOfBest(TrainPlan plan, const Trainer& trainer, int lane, const DataSplit& data) {
  const auto best = trainer.bestWeights(lane);
  if (!best) return std::nan("");
  for (size_t i = 0; i < best->size(); ++i) plan.graph.initializers[i].values = (*best)[i].data;
  return Trainer(plan).evaluate(0, data).loss;
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
  AdvanceLimit limit;
  limit.steps = 3;
  trainer.advance(limit);
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
    Checksum sum;
    sum.add(bytes.data(), bytes.size() - 8);
    const uint64_t right = sum.value();
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

TEST(trainer_best_weights_have_the_best_loss) {
  TrainPlan validated = smallPlan({lane(0.1), lane(2, 0.9), lane(1e30)});
  validated.divergenceFactor = 20;
  TrainPlan fullBatch = linearPlan(0.1);
  fullBatch.lanes = {lane(0.1), lane(2.5), lane(40)};
  fullBatch.batchSize = 0;
  for (const TrainPlan& plan : {validated, fullBatch}) {
    Trainer trainer(plan);
    const AdvanceReport report = trainer.advance({});
    for (size_t i = 0; i < plan.lanes.size(); ++i) {
      const LaneStatus& status = report.lanes[i];
      if (!status.bestLoss) continue;
      const DataSplit& judge = plan.validation ? *plan.validation : plan.training;
      CHECK(std::fabs(lossOfBest(plan, trainer, static_cast<int>(i), judge) - *status.bestLoss) < 1e-9 * *status.bestLoss);
      for (const EpochRecord& record : report.epochs) {
        if (record.lane != static_cast<int>(i) || record.epoch != *status.bestEpoch) continue;
        CHECK_EQ(record.validation ? record.validation->loss : record.training.loss, *status.bestLoss);
      }
    }
    CHECK(report.lanes[0].bestLoss.has_value());
    CHECK(report.lanes[1].bestLoss.has_value());
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

TEST(trainer_divergence_of_an_epoch_is_measured_against_the_start_and_knowing_nothing) {
  // Loss grows slowly: no single batch is far beyond the limit, the mean of an epoch passes it first.
  TrainPlan slow = linearPlan(2.5);
  const AdvanceReport report = Trainer(slow).advance({});
  const LaneStatus& status = report.lanes[0];
  CHECK(status.state == LaneState::Diverged);
  CHECK(status.cause == Cause::Grown);
  CHECK_EQ(status.step.value_or(0), status.epoch.value_or(0) * 4);
  CHECK_EQ(status.loss.value_or(0), report.epochs.back().training.loss);
  CHECK(status.loss.value_or(0) > slow.divergenceFactor * report.epochs.front().training.loss);

  // A start without error must not make every later loss look grown: the mean of the targets is the yardstick then.
  TrainPlan perfect = linearPlan(0.05);
  perfect.training.targets = Trainer(perfect).predict(0, perfect.training.inputs, perfect.training.count);
  perfect.lanes[0].weightDecay = 0.5;
  const AdvanceReport drifted = Trainer(perfect).advance({});
  CHECK(drifted.epochs.front().training.loss < 1e-12);
  CHECK(drifted.epochs.back().training.loss > 1e-6);
  CHECK(drifted.lanes[0].state == LaneState::Finished);
}

TEST(trainer_divergence_names_step_and_cause_and_keeps_the_weights) {
  // Loss grows by a factor each step: caught as "grown" before it overflows.
  Trainer growing(linearPlan(40));
  const AdvanceReport report = growing.advance({});
  const LaneStatus& status = report.lanes[0];
  CHECK(status.state == LaneState::Diverged);
  CHECK(status.cause == Cause::Grown);
  CHECK(status.loss.value_or(0) > 1e3);
  CHECK(std::isnan(report.batchLoss[0]));
  CHECK(status.step.value_or(0) == report.step);

  // The weights are those from before the step that was refused.
  Trainer again(linearPlan(40));
  AdvanceLimit limit;
  limit.steps = *status.step - 1;
  again.advance(limit);
  CHECK(traceOf(again, EpochRecords(), 0) == traceOf(growing, EpochRecords(), 0));

  // Gradients of hundreds at this rate overflow the weights in one step.
  TrainPlan wild = linearPlan(3e38);
  for (float& target : wild.training.targets) target = 1000 + target;
  Trainer exploding(wild);
  const AdvanceReport burst = exploding.advance({});
  CHECK(burst.lanes[0].cause == Cause::NotFinite);
  CHECK_EQ(burst.lanes[0].step.value_or(0), 2);
  CHECK_EQ(burst.lanes[0].epoch.value_or(0), 1);
}

TEST(trainer_stops_by_target_loss_by_hand_and_by_limits) {
  TrainPlan plan = linearPlan(0.1);
  plan.lanes = {lane(0.1), lane(1e-6), lane(0.01)};
  Trainer probe(plan);
  const AdvanceReport free = probe.advance({});
  double wanted = 0;
  for (const EpochRecord& record : free.epochs) {
    if (record.lane == 0 && record.epoch == 10) wanted = record.training.loss;
  }
  plan.targetLoss = wanted;
  Trainer trainer(plan);
  AdvanceLimit limit;
  limit.epochs = 3;
  AdvanceReport report = trainer.advance(limit);
  CHECK(report.reason == Reason::Epochs);
  CHECK_EQ(report.epoch, 3);
  CHECK_EQ(report.epochs.size(), size_t{12});  // epochs 0 to 3 of three lanes
  trainer.stopLane(2);
  report = trainer.advance({});
  CHECK(report.reason == Reason::Finished);
  CHECK(report.lanes[0].state == LaneState::TargetReached);
  CHECK_EQ(report.lanes[0].epoch.value_or(0), 10);
  CHECK(report.lanes[1].state == LaneState::Finished);
  CHECK(report.lanes[2].state == LaneState::Stopped);
  CHECK_EQ(report.lanes[2].epoch.value_or(0), 3);

  Trainer timed(linearPlan(1e-9));
  limit = {};
  limit.milliseconds = 0;
  CHECK(timed.advance(limit).reason == Reason::Time);
  timed.interrupt();
  CHECK(timed.advance({}).reason == Reason::Interrupted);
  timed.allow();
  limit = {};
  limit.steps = 3;
  report = timed.advance(limit);
  CHECK(report.reason == Reason::Steps);
  CHECK_EQ(report.sampleInEpoch, report.step % 4 * 10);
}

TEST(trainer_slice_of_time_ends_when_its_records_pile_up) {
  TrainPlan plan = linearPlan(0.1);
  plan.lanes = {lane(0.1), lane(0.01), lane(0.001)};
  plan.batchSize = 0;
  plan.epochs = 20000;
  AdvanceLimit slice;
  slice.milliseconds = 1e6;
  Trainer trainer(plan);
  AdvanceReport report = trainer.advance(slice);
  CHECK(report.reason == Reason::Time);
  CHECK(report.epochs.size() >= 50000);
  CHECK(report.epoch < 20000);
  std::vector<EpochRecord> records = listOf(report.epochs);
  while (report.reason == Reason::Time) {
    report = trainer.advance(slice);
    for (const EpochRecord& record : report.epochs) records.push_back(record);
  }
  CHECK(report.reason == Reason::Finished);
  Trainer whole(plan);
  const AdvanceReport all = whole.advance({});
  CHECK(all.reason == Reason::Finished);
  CHECK_EQ(all.epochs.size(), size_t{3 * 20001});
  for (int i : {0, 1, 2}) CHECK(traceOf(trainer, records, i) == traceOf(whole, all.epochs, i));
}

TEST(trainer_learning_rate_changes_from_the_next_step) {
  TrainPlan plan = linearPlan(0.1);
  Trainer trainer(plan);
  AdvanceLimit limit;
  limit.steps = 2;
  trainer.advance(limit);
  trainer.setLearningRate(0, 0);
  const auto before = traceOf(trainer, EpochRecords(), 0);
  limit.steps = 1;
  CHECK_EQ(trainer.advance(limit).lanes[0].learningRate, 0.0);
  CHECK(traceOf(trainer, EpochRecords(), 0) == before);
  CHECK_EQ(trainer.norms(0)[0].update, 0.0);
}

TEST(trainer_update_norm_is_that_of_the_last_step) {
  Trainer trainer(smallPlan({lane(0.1, 0.9, true, 0.01), lane(0.2)}));
  AdvanceLimit limit;
  limit.steps = 5;
  trainer.advance(limit);
  const auto before = trainer.weights(0);
  limit.steps = 1;
  trainer.advance(limit);
  const auto after = trainer.weights(0);
  const auto norms = trainer.norms(0);
  for (size_t i = 0; i < norms.size(); ++i) {
    double sum = 0;
    for (size_t j = 0; j < after[i].data.size(); ++j) {
      const double change = static_cast<double>(after[i].data[j]) - static_cast<double>(before[i].data[j]);
      sum += change * change;
    }
    CHECK(std::fabs(norms[i].update - std::sqrt(sum)) <= 1e-4 * std::sqrt(sum));
    CHECK(sum > 0);
  }
}

TEST(trainer_start_of_many_rows_is_told_by_a_spread_sample) {
  TrainPlan plan = smallPlan({lane(0.1)});
  plan.training = samples(20000, 5, 3, true, 2);
  plan.validation.reset();
  DataSplit sample;
  sample.count = 8192;
  for (size_t i = 0; i < sample.count; ++i) {
    const size_t row = plan.training.count * i / sample.count;
    for (size_t j = 0; j < 5; ++j) sample.inputs.push_back(plan.training.inputs[row * 5 + j]);
    sample.classes.push_back(plan.training.classes[row]);
  }
  const DataSplit all = plan.training;
  Trainer trainer(std::move(plan));
  const double ofSample = trainer.evaluate(0, sample).loss;
  const double ofAll = trainer.evaluate(0, all).loss;
  AdvanceLimit limit;
  limit.steps = 1;
  const AdvanceReport report = trainer.advance(limit);
  CHECK_EQ(report.epochs.size(), size_t{1});
  CHECK(report.epochs[0].training.loss == ofSample);
  CHECK(std::fabs(ofSample - ofAll) < 0.01 * ofAll);
}

TEST(trainer_evaluation_equals_prediction) {
  TrainPlan plan = linearPlan(0.1);
  plan.metrics = {Metric::Mae, Metric::Rmse, Metric::R2};
  plan.lanes = {lane(0.1), lane(0.01)};
  Trainer trainer(plan);
  trainer.advance({});
  const DataSplit data = samples(1100, 3, 2, false, 21);  // more than two evaluation pieces
  const std::vector<float> outputs = trainer.predict(1, data.inputs, data.count);
  double squares = 0, absolute = 0, spread[2] = {}, error[2] = {}, mean[2] = {};
  for (size_t i = 0; i < outputs.size(); ++i) mean[i % 2] += static_cast<double>(data.targets[i]) / 1100;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const double difference = static_cast<double>(outputs[i]) - static_cast<double>(data.targets[i]);
    squares += difference * difference;
    absolute += std::fabs(difference);
    error[i % 2] += difference * difference;
    spread[i % 2] += std::pow(static_cast<double>(data.targets[i]) - mean[i % 2], 2);
  }
  const Score score = trainer.evaluate(1, data);
  CHECK(std::fabs(score.loss - squares / 2200) < 1e-7);
  CHECK(std::fabs(score.metrics[0] - absolute / 2200) < 1e-7);
  CHECK(std::fabs(score.metrics[1] - std::sqrt(squares / 2200)) < 1e-7);
  CHECK(std::fabs(score.metrics[2] - (2 - error[0] / spread[0] - error[1] / spread[1]) / 2) < 1e-6);
}

TEST(trainer_refuses_plans_that_make_no_sense) {
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(0.1)});
             plan.training.inputs.pop_back();
             Trainer trainer(plan);
           }),
           "plan.data");
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(0.1)});
             plan.training.classes[7] = 3;
             Trainer trainer(plan);
           }),
           "plan.data");
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(0.1)});
             plan.loss = LossKind::Mse;
             plan.metrics = {};
             Trainer trainer(plan);
           }),
           "plan.data");
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(0.1)});
             plan.metrics = {Metric::R2};
             Trainer trainer(plan);
           }),
           "plan.metric");
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(std::nan(""))});
             Trainer trainer(plan);
           }),
           "plan.setting");
  CHECK_EQ(codeOf([] {
             TrainPlan plan = smallPlan({lane(0.1)});
             for (Initializer& weights : plan.graph.initializers) weights.frozen = true;
             Trainer trainer(plan);
           }),
           "plan.nothing-to-train");
  CHECK_EQ(codeOf([] {
             Trainer trainer(smallPlan({lane(0.1)}));
             trainer.weights(1);
           }),
           "engine.argument");
}

TEST(trainer_refuses_values_that_are_not_finite) {
  const auto reasonOf = [](void (*spoil)(TrainPlan&)) -> std::string {
    TrainPlan plan = linearPlan(0.1);
    plan.validation = samples(9, 3, 2, false, 6);
    spoil(plan);
    try {
      Trainer trainer(std::move(plan));
    } catch (const EngineError& error) {
      return error.code() + " " + error.what();
    }
    return "";
  };
  CHECK_EQ(reasonOf([](TrainPlan& plan) { plan.training.inputs[3 * 7 + 2] = std::nanf(""); }),
           "plan.data The training data: sample 7, counted from 0, has the input nan in its column 2; finite numbers are needed");
  CHECK_EQ(reasonOf([](TrainPlan& plan) { plan.validation->targets[2 * 4 + 1] = INFINITY; }),
           "plan.data The validation data: sample 4, counted from 0, has the target inf in its column 1; finite numbers are needed");
  CHECK_EQ(reasonOf([](TrainPlan&) {}), "");
}

TEST(trainer_a_start_that_overflows_does_not_lift_the_limit) {
  // The loss of the first weights is infinite in the last sample only, which the first batches do not hold.
  TrainPlan plan = linearPlan(0);
  plan.graph.initializers[0].values.assign(6, 3e38F);
  plan.shuffle = false;
  for (size_t i = 0; i < plan.training.inputs.size(); ++i) plan.training.inputs[i] = i + 3 < plan.training.inputs.size() ? 0 : 2;
  plan.training.targets.assign(plan.training.targets.size(), 0.1F);
  plan.training.targets[0] = 1;
  plan.graph.initializers[1].values.assign(2, 1e6F);
  AdvanceLimit limit;
  limit.steps = 1;
  const AdvanceReport report = Trainer(plan).advance(limit);
  CHECK(std::isinf(report.epochs[0].training.loss));
  CHECK(report.lanes[0].state == LaneState::Diverged);
  CHECK(report.lanes[0].cause == Cause::Grown);
}

TEST(trainer_refuses_a_network_with_a_fixed_number_of_rows) {
  // Rows of 2 become 8 rows of whatever is left: right for 8 samples only.
  const auto makePlan = [](size_t training, std::optional<size_t> validation) {
    TrainPlan plan = linearPlan(0.1);
    plan.graph.initializers.push_back(constant("shape", {8, -1}));
    plan.graph.nodes.push_back(node("view", "Reshape", {plan.graph.outputs[0].name, "shape"}));
    plan.graph.outputs[0].name = "view.out";
    plan.batchSize = 8;
    plan.training = samples(training, 3, 2, false, 5);
    if (validation) plan.validation = samples(*validation, 3, 2, false, 6);
    return plan;
  };
  const auto codeOfMaking = [&](size_t training, std::optional<size_t> validation) -> std::string {
    try {
      Trainer trainer(makePlan(training, validation));
    } catch (const EngineError& error) {
      return error.code();
    }
    return "";
  };
  CHECK_EQ(codeOfMaking(8, 8), "");
  CHECK_EQ(codeOfMaking(12, std::nullopt), "plan.output");  // a last batch of 4
  CHECK_EQ(codeOfMaking(16, std::nullopt), "plan.output");  // whole batches, but the start is evaluated on 16 rows
  CHECK_EQ(codeOfMaking(8, 16), "plan.output");
  Trainer trainer(makePlan(8, std::nullopt));
  std::string code;
  try {
    trainer.predict(0, std::vector<float>(16 * 3), 16);
  } catch (const EngineError& error) {
    code = error.code();
  }
  CHECK_EQ(code, "plan.output");
}

TEST(trainer_frozen_weights_stay) {
  for (size_t frozen = 0; frozen < 6; ++frozen) {
    TrainPlan plan = smallPlan({lane(0.1, 0.9), lane(0.3)});
    plan.graph.initializers[frozen].frozen = true;
    const std::vector<float> initial = plan.graph.initializers[frozen].values;
    const TrainPlan copy = plan;
    Trainer trainer(plan);
    const AdvanceReport report = trainer.advance({});
    for (size_t i = 0; i < 6; ++i) {
      CHECK((trainer.weights(1)[i].data == plan.graph.initializers[i].values) == (i == frozen));
    }
    TrainPlan alone = copy;
    alone.lanes = {copy.lanes[1]};
    CHECK(traceOf(trainer, report.epochs, 1) == runToEnd(alone, 0));
  }
}
