#include <algorithm>

#include "../backend.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// Lanes spread over several cards: to the bit what one card comes to.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Cards {
  explicit Cards(int count) {
    for (int card = 0; card < count; ++card) opened.push_back(std::make_unique<cuda::CudaBackend>(card));
    for (const auto& card : opened) devices.push_back(card.get());
  }
  std::vector<std::unique_ptr<cuda::CudaBackend>> opened;
  std::vector<DeviceBackend*> devices;
};

/** Five lanes, of which the fourth diverges and the third wants more memory of its optimizer than the others. */
TrainPlan racePlan() {
  LaneSettings demanding = lane(0.02);
  demanding.amsgrad = true;
  LaneSettings clipped = lane(0.05);
  clipped.clipNorm = 0.1;
  clipped.maxNorm = 1;
  TrainPlan plan = droppingPlan({lane(0.01), clipped, demanding, lane(1e30), lane(0.1)});
  plan.optimizer = OptimizerKind::Adam;
  plan.metrics = {Metric::Accuracy, Metric::F1, Metric::Auc};
  return plan;
}

/** The whole of a training: every record in its order, how the lanes ended, norms, and the state with all weights. */
struct Outcome {
  std::vector<std::vector<uint64_t>> lanes;
  std::vector<std::pair<int, int64_t>> order;
  std::vector<LaneStatus> status;
  std::vector<double> norms;
  std::vector<uint8_t> state;
};

Outcome outcomeOf(Trainer& trainer, size_t lanes, const AdvanceReport& report) {
  Outcome outcome;
  for (const EpochRecord& record : report.epochs) outcome.order.emplace_back(record.lane, record.epoch);
  for (size_t i = 0; i < lanes; ++i) {
    outcome.lanes.push_back(traceOf(trainer, report.epochs, static_cast<int>(i)));
    for (const Norms& norms : trainer.norms(static_cast<int>(i))) outcome.norms.insert(outcome.norms.end(), {norms.weight, norms.update});
  }
  outcome.status = report.lanes;
  outcome.state = trainer.saveState();
  return outcome;
}

Outcome train(const TrainPlan& plan, int cards) {
  Cards used(cards);
  Trainer trainer(plan, used.devices);
  return outcomeOf(trainer, plan.lanes.size(), trainer.advance({}));
}

void expectEqual(const Outcome& one, const Outcome& several) {
  CHECK(one.order == several.order);
  CHECK(one.lanes == several.lanes);
  CHECK(one.norms == several.norms);
  CHECK(one.state == several.state);
  for (size_t i = 0; i < one.status.size(); ++i) {
    CHECK(one.status[i].state == several.status[i].state);
    CHECK(one.status[i].step == several.status[i].step);
    CHECK(one.status[i].bestEpoch == several.status[i].bestEpoch);
  }
}

}  // namespace

TEST(cuda_lanes_over_cards_come_to_the_bits_of_one_card) {
  const TrainPlan plan = racePlan();
  const Outcome one = train(plan, 1);
  CHECK(one.status[3].state == LaneState::Diverged);
  // 7: more cards than lanes.
  for (int cards : {2, 3, 7}) expectEqual(one, train(plan, cards));
}

TEST(cuda_lanes_over_cards_keep_the_rules_about_all_of_them) {
  TrainPlan full = linearPlan(0.1);
  full.batchSize = 0;
  full.epochs = 12;
  full.lanes = {lane(0.1), lane(2.5), lane(40), lane(0.01)};
  expectEqual(train(full, 1), train(full, 2));

  TrainPlan stopped = racePlan();
  stopped.patience = 2;
  stopped.targetLoss = 1.09;
  stopped.schedule.kind = ScheduleKind::Plateau;
  stopped.epochs = 12;
  const Outcome one = train(stopped, 1);
  CHECK(std::any_of(one.status.begin(), one.status.end(), [](const LaneStatus& lane) { return lane.state == LaneState::NoImprovement; }));
  CHECK(std::any_of(one.status.begin(), one.status.end(), [](const LaneStatus& lane) { return lane.state == LaneState::TargetReached; }));
  expectEqual(one, train(stopped, 2));
}

TEST(cuda_lanes_over_cards_go_on_from_a_state_elsewhere) {
  const TrainPlan plan = racePlan();
  const size_t lanes = plan.lanes.size();
  const Outcome whole = train(plan, 1);
  for (const auto& [from, to] : {std::pair{2, 1}, {1, 2}, {2, 3}}) {
    for (int64_t step : {3, 8}) {
      Cards before(from), after(to);
      Trainer first(plan, before.devices), second(plan, after.devices);
      first.advance(stepsOf(step));
      second.loadState(first.saveState());
      CHECK(second.saveState() == first.saveState());
      second.advance({});
      CHECK(second.saveState() == whole.state);
    }
  }
  // By way of the processor, as far as one step there: what went on from the same state on one card is the same.
  Cards two(2), one(1);
  Trainer spread(plan, two.devices), host(plan), back(plan, two.devices), reference(plan, one.devices);
  spread.advance(stepsOf(8));
  host.loadState(spread.saveState());
  CHECK(host.saveState() == spread.saveState());
  host.advance(stepsOf(1));
  back.loadState(host.saveState());
  reference.loadState(host.saveState());
  CHECK(back.saveState() == host.saveState());
  expectEqual(outcomeOf(reference, lanes, reference.advance({})), outcomeOf(back, lanes, back.advance({})));
}

TEST(cuda_lanes_over_cards_are_shown_and_stopped_one_by_one) {
  const TrainPlan plan = racePlan();
  Cards two(2), one(1);
  Trainer spread(plan, two.devices), reference(plan, one.devices);
  const DataSplit given = samples(700, 5, 3, true, 9);
  for (Trainer* trainer : {&spread, &reference}) {
    trainer->advance(stepsOf(4));
    // All lanes of the first card.
    trainer->stopLane(0);
    trainer->stopLane(1);
    trainer->setLearningRate(4, 0.03);
    trainer->advance(stepsOf(5));
  }
  for (int index = 0; index < 5; ++index) {
    CHECK(spread.predict(index, given.inputs, given.count) == reference.predict(index, given.inputs, given.count));
    CHECK(spread.evaluate(index, given).loss == reference.evaluate(index, given).loss);
  }
  CHECK(spread.saveState() == reference.saveState());
}
