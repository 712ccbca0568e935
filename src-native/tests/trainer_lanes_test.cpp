#include "harness.h"
#include "trainer_fixtures.h"

// Lanes and threads: what must not change a bit.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

std::vector<LaneSettings> variedLanes() {
  return {lane(0.001), lane(0.1, 0.9), lane(0.05, 0.8, true), lane(0.3, 0, false, 0.01), lane(1.0), lane(0.02), lane(0.2), lane(0.5)};
}

/** The two shapes of first layer: stacked weights (one wide product), and weights that cannot be stacked. */
TrainPlan planWithPlainWeights(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  plan.graph.nodes[0].attributes = {};
  plan.graph.initializers[0].dims = {5, 7};
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
