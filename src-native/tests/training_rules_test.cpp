#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "core/errors.h"
#include "core/trainer.h"
#include "fixtures.h"
#include "harness.h"
#include "optimizers/optimizer.h"

// Optimizers, schedules, stop rules, penalties and metrics in training. Their formulas are compared with PyTorch by the unit tests of the addon.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Two lanes of an optimizer that use all it has, under a schedule that remembers something, with penalties and clipping. */
TrainPlan planFor(const OptimizerDefinition& optimizer) {
  LaneSettings plain = lane(0.01);
  LaneSettings full = lane(0.02, 0.5);
  full.amsgrad = true;
  full.centered = true;
  full.learningRateDecay = 0.01;
  full.initialAccumulator = 0.1;
  full.weightDecay = optimizer.kind == OptimizerKind::Rprop ? 0 : 0.01;
  full.l1 = 1e-4;
  full.clipNorm = 0.5;
  full.clipValue = 0.2;
  full.maxNorm = 1;
  TrainPlan plan = smallPlan({plain, full});
  plan.optimizer = optimizer.kind;
  plan.schedule.kind = ScheduleKind::Plateau;
  plan.schedule.factor = 0.5;
  plan.schedule.patience = 0;
  plan.schedule.threshold = 0.05;
  plan.schedule.warmup = 2;
  plan.patience = 50;
  plan.metrics = {Metric::Accuracy, Metric::F1, Metric::Auc};
  return plan;
}

AdvanceLimit steps(int64_t count) {
  AdvanceLimit limit;
  limit.steps = count;
  return limit;
}

/** One weight with a constant pull: its loss falls by the rate each epoch until it is 0. */
TrainPlan oneWeight(double start, double rate) {
  TrainPlan plan;
  plan.graph = network({1, 1}, "", 1);
  plan.graph.initializers[0].values = {static_cast<float>(start)};
  plan.graph.initializers[1].values = {0};
  plan.graph.initializers[1].frozen = true;
  plan.lanes = {lane(rate)};
  plan.loss = LossKind::Absolute;
  plan.training.inputs = {1};
  plan.training.targets = {0};
  plan.training.count = 1;
  plan.epochs = 1000;
  plan.divergenceFactor = 1e6;
  plan.threads = 1;
  return plan;
}

}  // namespace

TEST(rules_every_optimizer_resumes_bit_for_bit_at_any_step) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    Trainer whole(planFor(*optimizer));
    whole.advance({});
    const std::vector<uint8_t> expected = whole.saveState();
    // 7 steps an epoch: before the start, in mid-epoch, at its end, later.
    for (int64_t stop : {0, 1, 5, 7, 23}) {
      Trainer first(planFor(*optimizer));
      first.advance(steps(stop));
      const std::vector<uint8_t> state = first.saveState();
      Trainer second(planFor(*optimizer));
      second.loadState(state);
      if (second.saveState() != state) fail(optimizer->name, static_cast<int>(stop), "saves another state than it loaded");
      second.advance({});
      if (second.saveState() != expected) fail(optimizer->name, static_cast<int>(stop), "goes on otherwise than without a break");
    }
    // A state that differs is seen: that of a run one step shorter.
    Trainer shorter(planFor(*optimizer));
    shorter.advance(steps(41));
    CHECK(shorter.saveState() != expected);
  }
}

TEST(rules_every_optimizer_trains_a_lane_as_the_lone_run) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    const TrainPlan plan = planFor(*optimizer);
    Trainer both(plan);
    both.advance({});
    for (int i : {0, 1}) {
      TrainPlan alone = plan;
      alone.lanes = {plan.lanes[static_cast<size_t>(i)]};
      alone.threads = 2;
      Trainer lone(alone);
      lone.advance({});
      const auto expected = lone.weights(0);
      const auto got = both.weights(i);
      for (size_t k = 0; k < expected.size(); ++k) {
        if (got[k].data != expected[k].data) fail(optimizer->name, i, "differs from the lone run");
      }
    }
    CHECK(both.weights(0)[0].data != both.weights(1)[0].data);
  }
}

TEST(rules_a_state_of_another_optimizer_or_of_other_data_is_refused) {
  const auto codeWith = [](const TrainPlan& other) -> std::string {
    Trainer first(planFor(adamOptimizer()));
    first.advance(steps(3));
    try {
      Trainer(other).loadState(first.saveState());
    } catch (const EngineError& error) {
      return error.code();
    }
    return "";
  };
  CHECK_EQ(codeWith(planFor(adamOptimizer())), "");
  CHECK_EQ(codeWith(planFor(adamWOptimizer())), "state.mismatch");
  TrainPlan otherData = planFor(adamOptimizer());
  otherData.training.inputs[100] += 0.5F;
  CHECK_EQ(codeWith(otherData), "state.mismatch");
}

TEST(rules_no_improvement_stops_the_lane_that_stands_still) {
  TrainPlan plan = oneWeight(1.05, 0.1);
  plan.lanes = {lane(0.1), lane(0.001)};
  plan.patience = 4;
  plan.epochs = 100;
  Trainer trainer(plan);
  const AdvanceReport report = trainer.advance({});
  // The first jumps between 0.05 and -0.05 from epoch 12 on: the 11th is its best.
  CHECK(report.lanes[0].state == LaneState::NoImprovement);
  CHECK(report.lanes[0].epoch.value_or(0) >= 14 && report.lanes[0].epoch.value_or(0) <= 17);
  CHECK(report.lanes[1].state == LaneState::Finished);
  // What is too little does not count.
  plan.minImprovement = 0.01;
  const AdvanceReport strict = Trainer(plan).advance({});
  CHECK(strict.lanes[1].state == LaneState::NoImprovement);
  CHECK(strict.lanes[1].epoch.value_or(0) < 20);
}

TEST(rules_the_time_limit_stops_all_lanes_and_counts_training_only) {
  TrainPlan plan = smallPlan({lane(0.01), lane(0.02)});
  plan.epochs = 100'000'000;
  plan.maxSeconds = 0.1;
  Trainer trainer(plan);
  trainer.advance(steps(1));
  const auto begin = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  AdvanceLimit slice;
  slice.milliseconds = 20;
  CHECK(trainer.advance(slice).reason == Reason::Time);  // the pause has not used it up
  AdvanceReport report;
  do {
    report = trainer.advance(slice);
  } while (report.reason == Reason::Time);
  CHECK(report.reason == Reason::Finished);
  for (const LaneStatus& status : report.lanes) CHECK(status.state == LaneState::TimeUp);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(30));
  // With more time it goes on.
  plan.maxSeconds = 0.3;
  Trainer second(plan);
  second.loadState(trainer.saveState());
  CHECK(second.advance(steps(1)).reason == Reason::Steps);
}

TEST(rules_a_rate_set_by_hand_is_where_the_schedule_starts_from) {
  TrainPlan plan = oneWeight(3, 0.4);
  plan.schedule.kind = ScheduleKind::Step;
  plan.schedule.every = 2;
  plan.schedule.gamma = 0.5;
  Trainer trainer(plan);
  AdvanceReport report = trainer.advance(steps(3));
  CHECK_EQ(report.epochs.back().learningRate, 0.2);
  CHECK_EQ(report.lanes[0].learningRate, 0.4);
  trainer.setLearningRate(0, 0.8);
  report = trainer.advance(steps(1));
  CHECK_EQ(report.epochs.back().learningRate, 0.4);
}

TEST(rules_figures_of_a_single_class_and_of_numbers_that_are_none) {
  const Scoring scoring(LossKind::CrossEntropy, {Metric::Precision, Metric::Auc}, 3);
  const std::vector<int64_t> same{1, 1};
  const std::vector<float> outputs{0, 1, 0, 0, 2, 0};
  CHECK(std::isnan(scoring.areaUnderCurve(outputs.data(), {nullptr, same.data()}, 2)));
  const std::vector<int64_t> two{1, 0};
  std::vector<float> odd = outputs;
  odd[2] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(scoring.areaUnderCurve(odd.data(), {nullptr, two.data()}, 2)));
  CHECK(std::isfinite(scoring.areaUnderCurve(outputs.data(), {nullptr, two.data()}, 2)));
}

TEST(rules_refuse_what_makes_no_sense) {
  const auto settingOf = [](const TrainPlan& plan) -> std::string {
    try {
      Trainer trainer(plan);
    } catch (const EngineError& error) {
      for (const auto& [name, value] : error.details()) {
        if (name == "setting" || name == "metric") return std::get<std::string>(value);
      }
      return error.code();
    }
    return "";
  };
  const auto changed = [](auto change) {
    TrainPlan plan = smallPlan({lane(0.1)});
    change(plan);
    return plan;
  };
  CHECK_EQ(settingOf(changed([](TrainPlan&) {})), "");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.lanes[0].beta2 = 1; })), "beta2");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.lanes[0].etaPlus = 1; })), "etaPlus");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.schedule.every = 0; })), "schedule.every");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.patience = 0; })), "patience");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.maxSeconds = 0; })), "maxSeconds");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.lossOptions.labelSmoothing = 2; })), "labelSmoothing");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.lossOptions.classWeights = {1, 2}; })), "classWeights");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.lossOptions.classWeights = {1, 2, 0}; })), "classWeights");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) { plan.metrics = {Metric::Mae}; })), "mae");
  CHECK_EQ(settingOf(changed([](TrainPlan& plan) {
             plan.optimizer = OptimizerKind::Rprop;
             plan.lanes[0].weightDecay = 0.1;
           })),
           "weightDecay");
}
