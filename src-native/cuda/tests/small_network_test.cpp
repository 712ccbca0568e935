#include <cmath>

#include "../backend.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// Small networks, whose steps a card does as one: to the bit what single steps come to, and which networks are done so.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** What a training leaves, to the bit. */
struct Outcome {
  bool fused;
  std::vector<std::vector<uint64_t>> traces;
  std::vector<uint8_t> state;
  std::vector<double> norms;
};

Outcome outcomeOf(const TrainPlan& plan, bool fuses) {
  cuda::CudaBackend device(0, fuses);
  Trainer trainer(plan, &device);
  const AdvanceReport report = trainer.advance({});
  Outcome outcome{trainer.fusesSteps(), {}, trainer.saveState(), {}};
  for (int lane = 0; lane < static_cast<int>(plan.lanes.size()); ++lane) {
    outcome.traces.push_back(traceOf(trainer, report.epochs, lane));
    for (const Norms& norms : trainer.norms(lane)) outcome.norms.push_back(norms.update);
  }
  return outcome;
}

void compare(const char* what, const TrainPlan& plan) {
  const Outcome fused = outcomeOf(plan, true), single = outcomeOf(plan, false);
  if (!fused.fused || single.fused) fail(what, 0, "steps are done the other way");
  if (fused.traces != single.traces) fail(what, 0, "other records or weights than by single steps");
  if (fused.state != single.state) fail(what, 0, "another state than by single steps");
  if (fused.norms != single.norms) fail(what, 0, "other directions than by single steps");
}

/** Two epochs, of 6 batches and a short one each. */
TrainPlan briefPlan(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  plan.epochs = 2;
  return plan;
}

TrainPlan regressionPlan(std::vector<LaneSettings> lanes, size_t outputs = 3) {
  TrainPlan plan = briefPlan(std::move(lanes));
  plan.graph = network({5, 7, 6, static_cast<int64_t>(outputs)}, "Tanh", 1);
  plan.loss = LossKind::Mse;
  plan.training = samples(53, 5, outputs, false, 2);
  plan.validation = samples(21, 5, outputs, false, 3);
  plan.metrics = {Metric::Mae, Metric::Rmse, Metric::R2};
  return plan;
}

bool isFused(const TrainPlan& plan) {
  cuda::CudaBackend device(0);
  return Trainer(plan, &device).fusesSteps();
}

void freeze(Graph& graph, const std::string& name) {
  for (Initializer& initializer : graph.initializers) {
    if (initializer.name == name) initializer.frozen = true;
  }
}

}  // namespace

TEST(cuda_small_network_of_classes_equals_single_steps) {
  compare("lanes", smallPlan({lane(0.1), lane(0.5, 0.9), lane(0.2, 0.5, true, 0.01)}));
  TrainPlan plain = briefPlan({lane(0.1)});
  plain.shuffle = false;
  plain.metrics = {Metric::Accuracy, Metric::Top3, Metric::Precision, Metric::Recall, Metric::F1};
  compare("as the rows lie", plain);
  TrainPlan weighted = briefPlan({lane(0.1)});
  weighted.lossOptions.labelSmoothing = 0.1;
  weighted.lossOptions.classWeights = {1, 2, 0.5};
  compare("weighted classes", weighted);
}

TEST(cuda_small_network_of_every_loss_equals_single_steps) {
  for (const LossDefinition* loss : allLosses()) {
    TrainPlan plan = loss->classes ? briefPlan({lane(0.05)}) : regressionPlan({lane(0.05)});
    plan.loss = loss->kind;
    plan.epochs = 1;
    for (DataSplit* split : {&plan.training, &*plan.validation}) {
      for (float& target : split->targets) target = std::fabs(target);
    }
    if (loss->kind == LossKind::BceLogits) plan.metrics = {Metric::Accuracy, Metric::F1, Metric::Rmse};
    compare(loss->name, plan);
  }
}

TEST(cuda_small_network_of_any_width_equals_single_steps) {
  // One weight; rows that fill no four; columns shared by a warp; sums of a bias in groups; more values than threads hold; more tiles than threads.
  struct Case {
    const char* what;
    std::vector<int64_t> sizes;
    size_t samples;
    int64_t batch;
  };
  for (const Case& one : {Case{"regression of the lecture", {1, 1}, 40, 16}, Case{"binary", {3, 4, 1}, 40, 9}, Case{"more columns than 32", {6, 9, 40}, 50, 20},
                          Case{"wide", {33, 64, 2}, 70, 64}, Case{"many samples", {17, 12, 3}, 260, 130}, Case{"a whole block", {2, 20, 2}, 270, 256}}) {
    TrainPlan plan = regressionPlan({lane(0.05)}, static_cast<size_t>(one.sizes.back()));
    const size_t inputs = static_cast<size_t>(one.sizes.front()), outputs = static_cast<size_t>(one.sizes.back());
    plan.graph = network(one.sizes, "Sigmoid", 1);
    plan.training = samples(one.samples, inputs, outputs, false, 2);
    plan.validation = samples(21, inputs, outputs, false, 3);
    plan.batchSize = one.batch;
    compare(one.what, plan);
  }
}

TEST(cuda_small_network_of_every_activation_equals_single_steps) {
  for (const char* activation : {"Relu", "LeakyRelu", "Elu", "Sigmoid", "Softplus"}) {
    TrainPlan plan = briefPlan({lane(0.1)});
    plan.graph = network({5, 7, 6, 3}, activation, 1);
    plan.epochs = 1;
    compare(activation, plan);
  }
  TrainPlan last = regressionPlan({lane(0.1)}, 1);
  last.graph.nodes.push_back(node("last", "Sigmoid", {last.graph.outputs[0].name}));
  last.graph.outputs[0].name = "last.out";
  compare("an activation of the outputs", last);
}

TEST(cuda_small_network_of_every_optimizer_equals_single_steps) {
  LaneSettings demanding = lane(0.01, 0.5, false, 0.01);
  demanding.amsgrad = demanding.centered = true;
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    TrainPlan plan = briefPlan({lane(0.02), demanding});
    plan.optimizer = optimizer->kind;
    // Signs alone know no decay.
    if (optimizer->kind == OptimizerKind::Rprop) plan.lanes[1].weightDecay = 0;
    compare(optimizer->name, plan);
  }
}

TEST(cuda_small_network_penalises_clips_and_limits_as_single_steps) {
  LaneSettings penalised = lane(0.1), clipped = lane(0.3, 0.9), limited = lane(0.5);
  penalised.l1 = 0.01;
  penalised.clipValue = 0.02;
  clipped.clipNorm = 0.05;
  clipped.l1 = 0.001;
  limited.maxNorm = 0.4;
  compare("each by itself", briefPlan({penalised, clipped, limited, lane(0.1)}));
  LaneSettings all = clipped;
  all.maxNorm = 0.4;
  TrainPlan wide = briefPlan({all});
  // A weight of more than a chunk.
  wide.graph = network({5, 40, 30, 3}, "Tanh", 1);
  compare("all together", wide);
}

TEST(cuda_small_network_diverges_as_by_single_steps) {
  compare("some lanes", briefPlan({lane(0.1), lane(1e30), lane(0.2)}));
  TrainPlan grown = regressionPlan({lane(0.1), lane(30)});
  grown.divergenceFactor = 1.5;
  compare("grown", grown);
}

TEST(cuda_small_network_keeps_what_is_frozen) {
  for (const char* frozen : {"linear1.weight", "linear2.weight", "linear3.bias"}) {
    TrainPlan plan = briefPlan({lane(0.1), lane(0.2, 0.9)});
    freeze(plan.graph, frozen);
    compare(frozen, plan);
  }
  TrainPlan plan = briefPlan({lane(0.1)});
  for (const char* frozen : {"linear1.weight", "linear1.bias", "linear2.weight"}) freeze(plan.graph, frozen);
  plan.graph.nodes.back().inputs.pop_back();
  plan.graph.initializers.pop_back();
  compare("the first layer, and no bias", plan);
}

TEST(cuda_small_network_lane_is_the_lone_run) {
  LaneSettings clipped = lane(0.3, 0.9);
  clipped.clipNorm = 0.05;
  const std::vector<LaneSettings> lanes = {lane(0.1), clipped, lane(1e30), lane(0.3)};
  const Outcome race = outcomeOf(briefPlan(lanes), true);
  CHECK(race.fused);
  for (size_t i = 0; i < lanes.size(); ++i) CHECK(race.traces[i] == outcomeOf(briefPlan({lanes[i]}), true).traces[0]);
}

TEST(cuda_small_network_goes_on_from_a_state_to_the_same_bits) {
  TrainPlan plan = briefPlan({lane(0.01), lane(0.02)});
  plan.optimizer = OptimizerKind::Adam;
  plan.schedule.kind = ScheduleKind::Cosine;
  cuda::CudaBackend device(0);
  const std::vector<uint8_t> whole = outcomeOf(plan, true).state;
  for (int64_t step : {3, 7, 9}) {
    Trainer first(plan, &device), second(plan, &device);
    first.advance(stepsOf(1));
    first.advance(stepsOf(step - 1));
    second.loadState(first.saveState());
    second.advance({});
    CHECK(second.fusesSteps());
    CHECK(second.saveState() == whole);
  }
}

TEST(cuda_small_network_equals_the_processor) {
  const TrainPlan plan = smallPlan({lane(0.1), lane(0.5, 0.9)});
  cuda::CudaBackend device(0);
  Trainer host(plan), card(plan, &device);
  host.advance({});
  card.advance({});
  CHECK(card.fusesSteps());
  for (int lane = 0; lane < 2; ++lane) {
    const auto wanted = host.weights(lane), got = card.weights(lane);
    for (size_t t = 0; t < wanted.size(); ++t) {
      for (size_t i = 0; i < wanted[t].data.size(); ++i) CHECK(std::fabs(wanted[t].data[i] - got[t].data[i]) < 1e-4F);
    }
  }
}

TEST(cuda_small_network_is_recognised) {
  CHECK(isFused(smallPlan({lane(0.1)})));
  for (const Precision precision : {Precision::Tf32, Precision::Bf16}) {
    TrainPlan plan = smallPlan({lane(0.1)});
    plan.precision = precision;
    CHECK(!isFused(plan));
  }
  const auto shaped = [](const std::vector<int64_t>& sizes, int64_t batch) {
    TrainPlan plan = smallPlan({lane(0.1)});
    const size_t inputs = static_cast<size_t>(sizes.front()), outputs = static_cast<size_t>(sizes.back());
    plan.graph = network(sizes, "Tanh", 1);
    plan.training = samples(300, inputs, outputs, true, 2);
    plan.validation = samples(21, inputs, outputs, true, 3);
    plan.batchSize = batch;
    return plan;
  };
  CHECK(isFused(shaped({2, 32, 32, 2}, 32)));
  CHECK(!isFused(shaped({2, 130, 2}, 8)));
  CHECK(!isFused(shaped({2, 32, 2}, 257)));
  // Beyond the memory of a block, by the weights, by the batch, and by what an optimizer remembers.
  CHECK(isFused(shaped({4, 88, 88, 4}, 8)));
  CHECK(!isFused(shaped({4, 128, 128, 4}, 8)));
  CHECK(!isFused(shaped({4, 88, 88, 4}, 128)));
  TrainPlan adam = shaped({4, 88, 88, 4}, 8);
  adam.optimizer = OptimizerKind::Adam;
  CHECK(!isFused(adam));
  TrainPlan dropped = smallPlan({lane(0.1)});
  dropped.graph.nodes[1].opType = "Dropout";
  CHECK(!isFused(dropped));
  TrainPlan tied = smallPlan({lane(0.1)});
  tied.graph = network({5, 5, 5, 3}, "Tanh", 1);
  tied.graph.nodes[2].inputs[1] = "linear1.weight";
  CHECK(!isFused(tied));
  // The best weights are those before the only step of an epoch.
  TrainPlan full = linearPlan(0.1);
  full.batchSize = 0;
  CHECK(!isFused(full));
}
