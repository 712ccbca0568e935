#include <cmath>

#include "harness.h"
#include "trainer_fixtures.h"

// What a trainer reports, keeps and shows.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** The loss that the best weights of a lane really have on `data`. */
double lossOfBest(TrainPlan plan, const Trainer& trainer, int lane, const DataSplit& data) {
  const auto best = trainer.bestWeights(lane);
  if (!best) return std::nan("");
  for (size_t i = 0; i < best->size(); ++i) plan.graph.initializers[i].values = (*best)[i].data;
  return Trainer(plan).evaluate(0, data).loss;
}

}  // namespace

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

TEST(trainer_evaluation_goes_on_where_it_was_interrupted) {
  // Some pieces of validation, and more than one of the start.
  const auto makePlan = [] {
    TrainPlan plan = smallPlan({lane(0.1), lane(0.2)});
    plan.training = samples(1200, 5, 3, true, 2);
    plan.validation = samples(1700, 5, 3, true, 3);
    plan.batchSize = 400;
    plan.epochs = 3;
    return plan;
  };
  Trainer whole(makePlan());
  const AdvanceReport all = whole.advance({});
  Trainer cut(makePlan());
  std::vector<EpochRecord> records;
  bool restedBetween = false;
  AdvanceLimit slice;
  slice.milliseconds = 1e-6;
  for (Reason reason = Reason::Time; reason == Reason::Time;) {
    const AdvanceReport report = cut.advance(slice);
    for (const EpochRecord& record : report.epochs) records.push_back(record);
    reason = report.reason;
    if (report.sampleInEpoch == report.samplesPerEpoch) {
      // Others may be evaluated meanwhile, and the state may be saved: it is evaluated anew then.
      restedBetween = true;
      cut.evaluate(0, makePlan().training);
      Trainer resumed(makePlan());
      resumed.loadState(cut.saveState());
      resumed.advance({});
      CHECK(resumed.saveState() == whole.saveState());
    }
    // A slice that is over before it begins does nothing: give it time for a piece.
    slice.milliseconds = slice.milliseconds.value_or(0) < 0.05 ? 0.05 : 1e-6;
  }
  CHECK(restedBetween);
  for (int i : {0, 1}) CHECK(traceOf(cut, records, i) == traceOf(whole, all.epochs, i));
  CHECK(cut.saveState() == whole.saveState());
}
