#include <algorithm>
#include <cmath>

#include "../backend.h"
#include "core/errors.h"
#include "lone_runs.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// Whole trainings on a card, against the same on the processor, and against themselves.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

bool close(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= 2e-5 * (1e-2 + std::fabs(a)); }

void compareScores(const char* what, const Score& host, const Score& card) {
  if (!close(host.loss, card.loss)) fail(what, 0, "a loss is " + std::to_string(card.loss) + ", on the processor " + std::to_string(host.loss));
  for (size_t i = 0; i < host.metrics.size(); ++i) {
    if (!close(host.metrics[i], card.metrics[i])) {
      fail(what, static_cast<int>(i), "a metric is " + std::to_string(card.metrics[i]) + ", on the processor " + std::to_string(host.metrics[i]));
    }
  }
}

/** Trains to the end on both, and compares every record, the best weights and the last ones. */
void compare(const char* what, const TrainPlan& plan) {
  cuda::CudaBackend device(0);
  Trainer host(plan), card(plan, &device);
  const AdvanceReport wanted = host.advance({}), got = card.advance({});
  const std::vector<EpochRecord> hostRecords = listOf(wanted.epochs), cardRecords = listOf(got.epochs);
  if (hostRecords.size() != cardRecords.size()) return fail(what, 0, "another number of epochs");
  for (size_t i = 0; i < hostRecords.size(); ++i) {
    const EpochRecord &a = hostRecords[i], &b = cardRecords[i];
    if (a.lane != b.lane || a.epoch != b.epoch || a.step != b.step || a.learningRate != b.learningRate) fail(what, static_cast<int>(i), "another epoch");
    compareScores(what, a.training, b.training);
    if (a.validation) compareScores(what, *a.validation, *b.validation);
  }
  for (size_t i = 0; i < plan.lanes.size(); ++i) {
    const int lane = static_cast<int>(i);
    if (wanted.lanes[i].state != got.lanes[i].state || wanted.lanes[i].step != got.lanes[i].step || wanted.lanes[i].bestEpoch != got.lanes[i].bestEpoch) {
      fail(what, lane, "a lane ends otherwise");
    }
    const auto hostBest = host.bestWeights(lane), cardBest = card.bestWeights(lane);
    for (size_t t = 0; hostBest && t < hostBest->size(); ++t) {
      for (size_t j = 0; j < (*hostBest)[t].data.size(); ++j) {
        if (std::fabs((*hostBest)[t].data[j] - (*cardBest)[t].data[j]) > 1e-4F) return fail(what, lane, "the best weights differ");
      }
    }
    const std::vector<Norms> hostNorms = host.norms(lane), cardNorms = card.norms(lane);
    for (size_t j = 0; wanted.lanes[i].state == LaneState::Finished && j < hostNorms.size(); ++j) {
      if (std::fabs(hostNorms[j].update - cardNorms[j].update) > 1e-3 * (1e-3 + hostNorms[j].update)) fail(what, lane, "the norms of the last update differ");
    }
  }
}

/** A classifier of two indices by the rows of a table that they name. */
TrainPlan lookingUp(size_t samplesCount) {
  TrainPlan plan = smallPlan({lane(0.1), lane(0.2)});
  Generator generator(7);
  plan.graph = network({6, 3}, "", 1);
  plan.graph.inputs[0].dims = {-1, 2};
  plan.graph.initializers.push_back(initializer("table", {4, 3}, generator));
  plan.graph.nodes[0].inputs[0] = "flat.out";
  plan.graph.nodes.insert(plan.graph.nodes.begin(), {node("look up", "Gather", {"table", "x"}), node("flat", "Flatten", {"look up.out"})});
  plan.training = samples(samplesCount, 2, 3, true, 2);
  for (size_t i = 0; i < plan.training.inputs.size(); ++i) plan.training.inputs[i] = static_cast<float>(i % 7) - (i % 7 == 6 ? 7.0F : 3.0F);
  plan.validation.reset();
  plan.shuffle = false;
  plan.epochs = 1;
  return plan;
}

/** The code and the words of the error that a training ends with. */
std::string endOf(Trainer& trainer) {
  try {
    trainer.advance({});
  } catch (const EngineError& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

}  // namespace

TEST(cuda_trainer_equals_the_processor) {
  compare("classifier", smallPlan({lane(0.1), lane(0.5, 0.9), lane(0.2, 0.5, true, 0.01), lane(1e30)}));
  TrainPlan full = linearPlan(0.1);
  full.batchSize = 0;
  full.lanes = {lane(0.1), lane(2.5), lane(40)};
  compare("full batch, best weights before the step", full);
  TrainPlan plain = linearPlan(0.05);
  plain.shuffle = false;
  plain.metrics = {Metric::Mae, Metric::Rmse, Metric::R2};
  compare("regression, as the rows lie", plain);
}

TEST(cuda_trainer_computes_every_loss_and_metric) {
  for (const LossDefinition* loss : allLosses()) {
    TrainPlan plan = smallPlan({lane(0.05), lane(0.1)});
    plan.loss = loss->kind;
    plan.epochs = 3;
    if (!loss->classes) {
      plan.training = samples(53, 5, 3, false, 2);
      plan.validation = samples(21, 5, 3, false, 3);
      for (DataSplit* split : {&plan.training, &*plan.validation}) {
        for (float& target : split->targets) target = std::fabs(target);
      }
      plan.metrics = {Metric::Mae, Metric::Rmse, Metric::R2};
      plan.targetScales = {2, 3, 0.5};
    } else {
      plan.metrics = {Metric::Accuracy, Metric::Top3, Metric::Precision, Metric::Recall, Metric::F1, Metric::Auc};
    }
    if (loss->kind == LossKind::BceLogits) plan.metrics = {Metric::Accuracy, Metric::F1, Metric::Auc, Metric::Rmse};
    compare(loss->name, plan);
  }
  TrainPlan weighted = smallPlan({lane(0.1)});
  weighted.lossOptions.labelSmoothing = 0.1;
  weighted.lossOptions.classWeights = {1, 2, 0.5};
  compare("weighted classes", weighted);
  TrainPlan wide = smallPlan({lane(0.1), lane(0.3)});
  wide.graph = network({5, 7, 45}, "Tanh", 1);
  wide.training = samples(300, 5, 45, true, 2);
  wide.validation = samples(290, 5, 45, true, 3);
  wide.batchSize = 0;
  wide.epochs = 2;
  wide.metrics = {Metric::Accuracy, Metric::Top3, Metric::Top5, Metric::F1};
  compare("more classes than a thread looks at, more rows than a block", wide);
}

TEST(cuda_trainer_drops_and_normalises_as_the_processor) {
  compare("batch normalisation and dropout", droppingPlan({lane(0.1), lane(0.3, 0.9), lane(1e30)}));
}

TEST(cuda_trainer_lane_is_the_lone_run) {
  cuda::CudaBackend device(0);
  compareWithLoneRuns(smallPlan({lane(0.1), lane(0.5, 0.9), lane(1e30), lane(0.3)}), device);
}

TEST(cuda_trainer_goes_on_from_a_state_to_the_same_bits) {
  const TrainPlan plan = smallPlan({lane(0.1), lane(0.5, 0.9)});
  cuda::CudaBackend device(0);
  Trainer whole(plan, &device);
  whole.advance({});
  for (int64_t step : {3, 7, 10}) {
    Trainer first(plan, &device), second(plan, &device);
    first.advance(stepsOf(step));
    second.loadState(first.saveState());
    second.advance({});
    CHECK(second.saveState() == whole.saveState());
  }
  // A state of the card goes on upon the processor, and the other way round.
  Trainer host(plan), card(plan, &device);
  host.advance(stepsOf(10));
  card.loadState(host.saveState());
  host.loadState(card.saveState());
  CHECK(host.saveState() == card.saveState());
}

TEST(cuda_trainer_leaves_a_stopped_lane_as_it_is) {
  cuda::CudaBackend device(0);
  Trainer trainer(smallPlan({lane(0.1), lane(0.2)}), &device);
  trainer.advance(stepsOf(5));
  trainer.stopLane(0);
  const auto stopped = trainer.weights(0), other = trainer.weights(1);
  trainer.advance(stepsOf(5));
  const auto later = trainer.weights(0), moved = trainer.weights(1);
  for (size_t i = 0; i < stopped.size(); ++i) CHECK(stopped[i].data == later[i].data);
  CHECK(other[0].data != moved[0].data);
}

TEST(cuda_trainer_predicts_and_evaluates_what_it_is_given) {
  const TrainPlan plan = smallPlan({lane(0.1), lane(0.2)});
  cuda::CudaBackend device(0);
  Trainer host(plan), card(plan, &device);
  const DataSplit given = samples(700, 5, 3, true, 9);
  const std::vector<float> wanted = host.predict(1, given.inputs, given.count), got = card.predict(1, given.inputs, given.count);
  for (size_t i = 0; i < wanted.size(); ++i) CHECK(std::fabs(wanted[i] - got[i]) < 1e-5F);
  compareScores("given data", host.evaluate(0, given), card.evaluate(0, given));
  // More rows than a pass takes, so that several are asked for at a time.
  const DataSplit many = samples(4096 * 4 + 3, 5, 3, true, 10);
  for (int again = 0; again < 2; ++again) compareScores("many rows", host.evaluate(1, many), card.evaluate(1, many));
}

TEST(cuda_trainer_ends_as_the_processor_where_an_index_names_no_row) {
  compare("rows that are looked up", lookingUp(53));
  cuda::CudaBackend device(0);
  // Comes upon it in the first evaluation, and in a step that is done again from a recording: the evaluation takes 8192 rows, all but this one.
  for (const auto& [rows, wrong] : {std::pair<size_t, size_t>{53, 40}, {8200, 1024}}) {
    TrainPlan plan = lookingUp(rows);
    plan.batchSize = rows == 53 ? 8 : 100;
    plan.training.inputs[2 * wrong + 1] = 4;
    Trainer host(plan), card(plan, &device);
    const std::string wanted = endOf(host);
    CHECK(wanted.find("index 4 is not one of the 4") != std::string::npos);
    CHECK_EQ(endOf(card), wanted);
    // The same rows are evaluated again.
    if (rows == 53) CHECK_EQ(endOf(card), wanted);
    CHECK_EQ(card.progress() > 0, rows != 53);
  }
  Trainer card(lookingUp(53), &device);
  bool refused = false;
  try {
    card.predict(0, {1, 2, 0, NAN}, 2);
  } catch (const EngineError& error) {
    refused = error.code() == "graph.value";
  }
  CHECK(refused);
  // What was said once is not said again.
  CHECK_EQ(endOf(card), "");
}
