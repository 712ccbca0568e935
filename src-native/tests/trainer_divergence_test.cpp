#include <cmath>

#include "harness.h"
#include "trainer_fixtures.h"

// When a lane is called diverged, and what is left of it.

using namespace deltalab;
using namespace deltalab::testing;

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
