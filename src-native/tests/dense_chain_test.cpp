#include "core/dense_chain.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/model.h"
#include "core/objective.h"
#include "harness.h"
#include "trainer_fixtures.h"

// Small chains of dense layers: their gradients, what the way they are computed must not change, and which networks take it.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

const char* const kActivations[] = {"Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Softplus"};

/** A network with the data of one batch. */
struct Batchful {
  Graph graph;
  DataSplit data;
  LossKind loss;
};

Batchful batchful(const std::vector<int64_t>& sizes, const char* activation, size_t rows, LossKind loss) {
  const size_t inputs = static_cast<size_t>(sizes.front()), outputs = static_cast<size_t>(sizes.back());
  Batchful batch{network(sizes, activation, 31), samples(rows, inputs, outputs, lossOf(loss).classes, 32), loss};
  // Shares that add up to 1, and values from 0 to 1 for the losses of probabilities.
  for (float& target : batch.data.targets) target = std::fabs(target) / static_cast<float>(outputs);
  return batch;
}

bool isChain(const Graph& graph, size_t rows) {
  Model<float> model(graph, 1, 1, true);
  return DenseChain::of(model.laneProgram(rows, ProgramMode::Training)->plan(), rows, model.parameters()) != nullptr;
}

/** Gradients by a chain, in the order of the parameters; empty when the network is none. */
std::vector<float> gradientsOfChain(const Batchful& batch) {
  Model<float> model(batch.graph, 1, 1, true);
  const size_t rows = batch.data.count;
  const auto program = model.laneProgram(rows, ProgramMode::Training);
  const auto chain = DenseChain::of(program->plan(), rows, model.parameters());
  if (!chain) return {};
  chain->bindLane(0);
  chain->forward(batch.data.inputs.data(), false);
  const size_t columns = program->output(0).count / rows;
  const Scoring scoring(batch.loss, {}, columns);
  Tally tally = scoring.emptyTally();
  addRows(scoring, chain->outputs(), chain->outputGradients(), rows, batch.data.targetsFrom(0, columns), tally);
  chain->backward(0);
  std::vector<float> gradients;
  for (const Parameter<float>& parameter : model.parameters().all()) {
    gradients.insert(gradients.end(), parameter.gradients(0), parameter.gradients(0) + parameter.count);
  }
  return gradients;
}

/** The same by central differences of the loss in double. */
std::vector<double> centralDifferences(const Batchful& batch) {
  Model<double> model(batch.graph, 1, 1, true);
  const size_t rows = batch.data.count;
  Program<double>& program = model.program(rows, ProgramMode::Training);
  const std::vector<double> inputs(batch.data.inputs.begin(), batch.data.inputs.end());
  program.setInput(0, inputs.data());
  const size_t columns = program.output(0).count / rows;
  const Scoring scoring(batch.loss, {}, columns);
  Objective<double> objective(scoring, 1, rows);
  const auto loss = [&] {
    Run run{model.pool(), model.workspace(), LaneSet{}};
    program.forward(run);
    Tally tally = scoring.emptyTally();
    double result = 0;
    objective.run(run, program.output(0), batch.data.targetsFrom(0, columns), false, &tally, &result);
    return result;
  };
  std::vector<double> gradients;
  for (const Parameter<double>& parameter : model.parameters().all()) {
    for (size_t i = 0; i < parameter.count; ++i) {
      constexpr double kStep = 1e-5;
      double& weight = parameter.values(0)[i];
      const double kept = weight;
      weight = kept + kStep;
      const double above = loss();
      weight = kept - kStep;
      gradients.push_back((above - loss()) / (2 * kStep));
      weight = kept;
    }
  }
  return gradients;
}

/** The largest difference, relative to the largest gradient. */
double worstGradient(const Batchful& batch) {
  const std::vector<float> got = gradientsOfChain(batch);
  const std::vector<double> expected = centralDifferences(batch);
  if (got.size() != expected.size()) return 1e9;
  double worst = 0, largest = 1e-3;
  for (size_t i = 0; i < got.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(got[i]) - expected[i]);
    worst = std::isfinite(difference) ? std::max(worst, difference) : 1e9;
    largest = std::max(largest, std::fabs(expected[i]));
  }
  return worst / largest;
}

constexpr double kTolerance = 2e-5;

/** A plan of `sizes` in batches that leave a short rest, or in full batches that repeat. */
TrainPlan chainPlan(const std::vector<int64_t>& sizes, int64_t batchSize, bool shuffle, std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  const size_t inputs = static_cast<size_t>(sizes.front()), outputs = static_cast<size_t>(sizes.back());
  plan.graph = network(sizes, "Tanh", 41);
  plan.loss = LossKind::HalfSquared;
  plan.metrics = {Metric::Mae, Metric::R2};
  plan.training = samples(53, inputs, outputs, false, 42);
  plan.validation = samples(21, inputs, outputs, false, 43);
  plan.batchSize = batchSize;
  plan.shuffle = shuffle;
  return plan;
}

}  // namespace

TEST(dense_chain_gradients_equal_central_differences_at_any_width) {
  const std::vector<int64_t> widths{1, 2, 3, 17, 33};
  for (int64_t inputs : widths) {
    for (int64_t outputs : widths) {
      for (size_t rows : {size_t{1}, size_t{5}, size_t{16}, size_t{35}}) {
        CHECK(worstGradient(batchful({inputs, outputs}, "", rows, LossKind::Mse)) < kTolerance);
        if (rows != 5) continue;
        CHECK(worstGradient(batchful({inputs, 7, outputs}, "Tanh", rows, LossKind::HalfSquared)) < kTolerance);
        CHECK(worstGradient(batchful({3, inputs, outputs, 2}, "Tanh", rows, LossKind::CrossEntropy)) < kTolerance);
      }
    }
  }
}

TEST(dense_chain_gradients_equal_central_differences_of_every_activation_and_loss) {
  for (const char* activation : kActivations) {
    CHECK(worstGradient(batchful({3, 9, 18, 4}, activation, 21, LossKind::CrossEntropy)) < kTolerance);
  }
  for (const LossDefinition* loss : allLosses()) {
    for (int64_t outputs : {int64_t{2}, int64_t{5}}) {
      CHECK(worstGradient(batchful({4, 6, outputs}, "Sigmoid", 19, loss->kind)) < kTolerance);
    }
  }
}

TEST(dense_chain_gradients_without_bias) {
  Batchful batch = batchful({3, 8, 2}, "Tanh", 9, LossKind::Mse);
  for (GraphNode& node : batch.graph.nodes) {
    if (node.opType == "Gemm") node.inputs.pop_back();
  }
  batch.graph.initializers = {batch.graph.initializers[0], batch.graph.initializers[2]};
  CHECK(worstGradient(batch) < kTolerance);
}

TEST(dense_chain_check_notices_a_wrong_gradient) {
  Batchful batch = batchful({3, 5, 2}, "Tanh", 9, LossKind::Mse);
  std::vector<float> got = gradientsOfChain(batch);
  batch.graph.initializers[0].values[0] += 0.1F;
  const std::vector<double> expected = centralDifferences(batch);
  double worst = 0;
  for (size_t i = 0; i < got.size(); ++i) worst = std::max(worst, std::fabs(static_cast<double>(got[i]) - expected[i]));
  CHECK(worst > 10 * kTolerance);
}

TEST(dense_chain_outputs_are_those_of_the_general_way) {
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{1, 1}, {3, 17, 33, 2}, {33, 1}, {2, 32, 32, 2}}) {
    for (const char* activation : kActivations) {
      const Batchful batch = batchful(sizes, activation, 13, LossKind::Mse);
      Model<float> model(batch.graph, 1, 1, true);
      const auto chain =
          DenseChain::of(model.laneProgram(13, ProgramMode::Training)->plan(), 13, model.parameters());
      CHECK(chain != nullptr);
      chain->bindLane(0);
      chain->forward(batch.data.inputs.data(), false);
      Program<float>& program = model.program(13, ProgramMode::Inference);
      program.setInput(0, batch.data.inputs.data());
      Run run{model.pool(), model.workspace(), LaneSet{}};
      program.forward(run);
      CHECK(std::equal(chain->outputs(), chain->outputs() + program.output(0).count, program.output(0).data(0)));
    }
  }
}

TEST(dense_chain_is_taken_by_small_chains_only) {
  CHECK(isChain(network({2, 32, 32, 2}, "Tanh", 1), 16));
  CHECK(isChain(network({1, 1}, "", 1), 80));
  CHECK(!isChain(network({784, 256, 128, 10}, "Relu", 1), 64));
  CHECK(!isChain(network({2, 32, 2}, "Tanh", 1), 2000));
  CHECK(!isChain(network({600, 3}, "", 1), 2));  // sums that the general way cuts into blocks
  Graph frozen = network({2, 5, 2}, "Tanh", 1);
  frozen.initializers[1].frozen = true;
  CHECK(!isChain(frozen, 4));
  Graph shared = network({5, 5, 5}, "Tanh", 1);
  shared.nodes[2].inputs[1] = shared.nodes[0].inputs[1];
  CHECK(!isChain(shared, 4));
  Graph branched = network({5, 5}, "", 1);
  branched.nodes.push_back(node("sum", "Add", {"linear1.out", "x"}));
  branched.outputs[0].name = "sum.out";
  CHECK(!isChain(branched, 4));
  Graph scaled = network({5, 2}, "", 1);
  scaled.nodes[0].attributes.push_back(numberAttribute("alpha", 2));
  CHECK(!isChain(scaled, 4));
}

/** The bits of a lane trained alone, step by step, each from a saved state. */
std::vector<uint64_t> traceOfSingleSteps(const TrainPlan& plan) {
  std::vector<EpochRecord> records;
  std::vector<uint8_t> state;
  for (;;) {
    Trainer slice(plan);
    if (!state.empty()) slice.loadState(state);
    const AdvanceReport report = slice.advance(stepsOf(1));
    for (const EpochRecord& record : report.epochs) records.push_back(record);
    if (report.reason != Reason::Steps) return traceOf(slice, records, 0);
    state = slice.saveState();
  }
}

TEST(dense_chain_lane_equals_the_lone_run_however_it_is_cut) {
  LaneSettings decayed = lane(0.02);
  decayed.l1 = 0.01;
  LaneSettings clipped = lane(0.05);
  clipped.clipNorm = 0.1;
  clipped.maxNorm = 1;
  const std::vector<LaneSettings> lanes{lane(0.05), lane(0.02, 0.9), decayed, clipped, lane(1e30), lane(3e38), lane(0)};
  for (const std::vector<int64_t>& sizes : {std::vector<int64_t>{1, 1}, {3, 17, 1}, {2, 33, 3}}) {
    for (const auto& [batchSize, shuffle, validated] :
         {std::tuple<int64_t, bool, bool>{0, false, true}, {0, false, false}, {0, true, true}, {16, true, true}, {7, false, true}}) {
      const auto plan = [&, batchSize = batchSize, shuffle = shuffle, validated = validated](std::vector<LaneSettings> of) {
        TrainPlan one = chainPlan(sizes, batchSize, shuffle, std::move(of));
        if (!validated) one.validation.reset();
        return one;
      };
      Trainer race(plan(lanes));
      const AdvanceReport all = race.advance({});
      TrainPlan threaded = plan(lanes);
      threaded.threads = 3;
      Trainer threads(threaded);
      CHECK(threads.advance({}).step == all.step);
      CHECK(threads.saveState() == race.saveState());
      for (size_t i = 0; i < lanes.size(); ++i) {
        const std::vector<uint64_t> expected = traceOf(race, all.epochs, static_cast<int>(i));
        CHECK(runToEnd(plan({lanes[i]}), 0) == expected);
        CHECK(traceOfSingleSteps(plan({lanes[i]})) == expected);
      }
    }
  }
}

TEST(dense_chain_validates_as_an_evaluation_does) {
  TrainPlan plan = chainPlan({3, 17, 2}, 16, true, {lane(0.05), lane(0.1)});
  for (size_t rows : {size_t{1}, size_t{21}, size_t{300}, size_t{700}}) {
    plan.validation = samples(rows, 3, 2, false, 43);
    Trainer trainer(plan);
    AdvanceLimit limit;
    limit.epochs = 2;
    const AdvanceReport report = trainer.advance(limit);
    const Score score = trainer.evaluate(1, *plan.validation);
    CHECK_EQ(report.epochs.back().lane, 1);
    CHECK_EQ(report.epochs.back().validation->loss, score.loss);
    CHECK(report.epochs.back().validation->metrics == score.metrics);
  }
}

TEST(dense_chain_ends_within_a_run_of_epochs) {
  // Full batches that repeat: the rules of the single epochs hold all the same.
  TrainPlan plan = chainPlan({3, 2}, 0, false, {lane(0.1), lane(100), lane(1e-3), lane(0.2)});
  plan.validation.reset();
  plan.epochs = 3000;
  plan.divergenceFactor = 20;
  plan.patience = 50;
  plan.minImprovement = 1e-6;
  Trainer free(plan);
  const AdvanceReport report = free.advance({});
  CHECK(report.lanes[0].state == LaneState::NoImprovement);
  CHECK(report.lanes[1].state == LaneState::Diverged);
  CHECK_EQ(report.lanes[1].step.value_or(0), report.lanes[1].epoch.value_or(0));
  CHECK(report.lanes[1].step.value_or(0) < 10);
  double wanted = 0;
  int64_t last = 0;
  for (const EpochRecord& record : report.epochs) {
    CHECK_EQ(record.step, record.epoch);
    CHECK(record.epoch >= last);  // the oldest first
    last = record.epoch;
    if (record.lane == 0 && record.epoch == 40) wanted = record.training.loss;
  }
  plan.targetLoss = wanted;
  Trainer stopped(plan);
  AdvanceLimit limit;
  limit.epochs = 100;
  const AdvanceReport first = stopped.advance(limit);
  CHECK(first.reason == Reason::Epochs);
  CHECK_EQ(first.epoch, int64_t{100});
  CHECK(first.lanes[0].state == LaneState::TargetReached);
  CHECK_EQ(first.lanes[0].epoch.value_or(0), int64_t{40});
  CHECK_EQ(first.lanes[0].bestEpoch.value_or(0), int64_t{40});
}

TEST(dense_chain_ends_within_plain_epochs_as_step_by_step) {
  // Nothing but the training loss decides: such epochs are trained in one go, up to the one that ends the lane.
  TrainPlan plan = chainPlan({3, 2}, 0, false, {lane(0.1)});
  plan.validation.reset();
  plan.epochs = 300;
  const auto check = [&](LaneState end) {
    Trainer trainer(plan);
    const AdvanceReport report = trainer.advance({});
    CHECK(report.lanes[0].state == end);
    CHECK(traceOf(trainer, report.epochs, 0) == traceOfSingleSteps(plan));
    return report;
  };
  const AdvanceReport whole = check(LaneState::Finished);
  CHECK_EQ(whole.epoch, int64_t{300});
  plan.targetLoss = whole.epochs[40].training.loss;
  CHECK_EQ(check(LaneState::TargetReached).lanes[0].epoch.value_or(0), int64_t{40});
  plan.targetLoss.reset();
  plan.lanes = {lane(3)};
  plan.divergenceFactor = 1e6;
  const AdvanceReport grown = check(LaneState::Diverged);
  CHECK(grown.lanes[0].cause == Cause::Grown);
  CHECK(grown.epoch > 2);
  // The step that makes the weights infinite ends the lane, not the next one.
  for (float& target : plan.training.targets) target *= 1e3F;
  plan.lanes = {lane(1e-9)};
  Trainer trainer(plan);
  trainer.advance(stepsOf(100));
  trainer.setLearningRate(0, 3e38);
  const AdvanceReport infinite = trainer.advance({});
  CHECK(infinite.lanes[0].cause == Cause::NotFinite);
  CHECK_EQ(infinite.lanes[0].step.value_or(0), int64_t{101});
  CHECK_EQ(infinite.epochs.size(), size_t{1});
}
