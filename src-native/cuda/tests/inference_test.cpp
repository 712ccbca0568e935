#include <cmath>
#include <cstdlib>
#include <thread>

#include "../backend.h"
#include "core/errors.h"
#include "core/inference.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// What is asked about a network on a card, against its training there, and several users of one card at a time.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

constexpr Precision kPrecisions[] = {Precision::Float32, Precision::Tf32, Precision::Bf16};

NamedTensor rowsOf(const TrainPlan& plan, size_t rows) {
  const GraphValue& input = plan.graph.inputs[0];
  Shape dims = input.dims;
  dims[0] = static_cast<int64_t>(rows);
  const std::vector<float>& values = plan.training.inputs;
  return {input.name, dims, {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(elementCount(dims))}};
}

/** The network with the weights of a lane. */
Graph graphOf(const TrainPlan& plan, const Trainer& trainer, int lane) {
  Graph graph = plan.graph;
  for (const NamedTensor& tensor : trainer.weights(lane)) {
    for (Initializer& initializer : graph.initializers) {
      if (initializer.name == tensor.name) initializer.values = tensor.data;
    }
  }
  return graph;
}

/** Loss and gradients of all lanes are those of the next step of the training, whose batch is the first `rows` rows. */
void compareWithStep(const char* what, TrainPlan plan, size_t rows, Precision precision) {
  plan.precision = precision;
  plan.shuffle = false;
  plan.batchSize = static_cast<int64_t>(rows);
  cuda::CudaBackend device(0);
  Trainer trainer(plan, &device);
  // To the next epoch's first batch.
  trainer.advance(stepsOf(static_cast<int64_t>((plan.training.count + rows - 1) / rows)));
  std::vector<Graph> before;
  for (size_t i = 0; i < plan.lanes.size(); ++i) before.push_back(graphOf(plan, trainer, static_cast<int>(i)));
  const AdvanceReport report = trainer.advance(stepsOf(1));
  for (size_t i = 0; i < before.size(); ++i) {
    const std::vector<int64_t> classes(plan.training.classes.begin(), plan.training.classes.begin() + static_cast<std::ptrdiff_t>(rows));
    const GradientReport asked =
        gradientsOf<float>(before[i], {rowsOf(plan, rows)}, {}, classes, {static_cast<int64_t>(rows)}, plan.loss, 1, plan.lossOptions, &device, precision);
    if (asked.loss != report.batchLoss[i]) fail(what, static_cast<int>(i), "another loss than that of the step");
    const std::vector<NamedTensor> after = trainer.weights(static_cast<int>(i));
    for (size_t t = 0; t < after.size(); ++t) {
      std::vector<float> expected = before[i].initializers[t].values;
      for (size_t j = 0; j < expected.size(); ++j) expected[j] += static_cast<float>(-plan.lanes[i].learningRate) * asked.gradients[t].data[j];
      if (after[t].name != asked.gradients[t].name || after[t].data != expected) fail(what, static_cast<int>(i), "other gradients than those of the step");
    }
  }
}

}  // namespace

TEST(cuda_gradients_are_those_of_a_training_step_bit_for_bit) {
  for (const Precision precision : kPrecisions) {
    for (size_t rows : {size_t{1}, size_t{7}}) {
      compareWithStep("dense", smallPlan({lane(0.1), lane(0.5)}), rows, precision);
      compareWithStep("pictures", picturePlan({lane(0.05), lane(0.1), lane(0.2)}), rows, precision);
      TrainPlan weighted = smallPlan({lane(0.1)});
      weighted.lossOptions.labelSmoothing = 0.1;
      weighted.lossOptions.classWeights = {1, 2, 0.5};
      compareWithStep("weighted classes", weighted, rows, precision);
    }
  }
}

TEST(cuda_gradients_equal_the_processor_for_every_loss) {
  cuda::CudaBackend device(0);
  for (const LossDefinition* loss : allLosses()) {
    const Graph graph = network({5, 7, 3}, "Tanh", 1);
    const DataSplit data = samples(9, 5, 3, loss->classes, 2);
    std::vector<float> targets = data.targets;
    for (float& target : targets) target = std::fabs(target);
    const Shape shape = loss->classes ? Shape{9} : Shape{9, 3};
    const auto ask = [&](DeviceBackend* on) {
      return gradientsOf<float>(graph, {{"x", {9, 5}, data.inputs}}, targets, data.classes, shape, loss->kind, 1, {}, on);
    };
    const GradientReport host = ask(nullptr), card = ask(&device);
    if (!(std::fabs(host.loss - card.loss) <= 1e-6 * (1 + std::fabs(host.loss)))) fail(loss->name, 0, "the loss differs");
    for (size_t t = 0; t < host.gradients.size(); ++t) {
      for (size_t j = 0; j < host.gradients[t].data.size(); ++j) {
        if (!(std::fabs(host.gradients[t].data[j] - card.gradients[t].data[j]) <= 1e-6F)) return fail(loss->name, 0, "a gradient differs");
      }
    }
  }
}

TEST(cuda_session_answers_as_the_trainer_there_whatever_was_asked_before) {
  for (TrainPlan plan : {smallPlan({lane(0.1)}), picturePlan({lane(0.1)})}) {
    for (const Precision precision : kPrecisions) {
      cuda::CudaBackend device(0);
      plan.precision = precision;
      Trainer trainer(plan, &device);
      trainer.advance(stepsOf(5));
      Session session(graphOf(plan, trainer, 0), 1, std::make_shared<cuda::CudaBackend>(0), precision);
      // More shapes than are kept, and back to the first.
      for (size_t rows : {3, 1, 5, 17, 2, 20, 3}) {
        const NamedTensor input = rowsOf(plan, rows);
        CHECK(session.run({input})[0].data == trainer.predict(0, input.data, rows));
      }
    }
  }
}

#if !defined(__CUDACC__)

TEST(cuda_answers_are_refused_in_a_precision_that_is_not_there) {
  setenv("DELTALAB_EMULATED_CAPABILITY", "75", 1);
  const auto old = std::make_shared<cuda::CudaBackend>(0);
  unsetenv("DELTALAB_EMULATED_CAPABILITY");
  const TrainPlan plan = smallPlan({lane(0.1)});
  const auto refusal = [](const auto& ask) {
    try {
      ask();
    } catch (const EngineError& error) {
      return error.code();
    }
    return std::string("none");
  };
  for (const Precision precision : kPrecisions) {
    const std::string expected = precision == Precision::Float32 ? "none" : "device.precision";
    CHECK(refusal([&] { infer(plan.graph, {rowsOf(plan, 1)}, 1, old, precision); }) == expected);
    CHECK(refusal([&] { gradientsOf<float>(plan.graph, {rowsOf(plan, 1)}, {}, {0}, {1}, plan.loss, 1, {}, old.get(), precision); }) == expected);
  }
}

#endif

TEST(cuda_session_tells_values_in_between) {
  const TrainPlan plan = picturePlan({lane(0.1)});
  Graph graph = plan.graph;
  graph.outputs = {{"conv.out", {-1, 4, 6, 6}}, {"pool.out", {-1, 4, 3, 3}}, {"linear.out", {-1, 3}}};
  const std::vector<NamedTensor> host = infer(graph, {rowsOf(plan, 2)}, 1);
  const std::vector<NamedTensor> card = infer(graph, {rowsOf(plan, 2)}, 1, std::make_shared<cuda::CudaBackend>(0));
  for (size_t t = 0; t < host.size(); ++t) {
    CHECK(host[t].dims == card[t].dims);
    for (size_t j = 0; j < host[t].data.size(); ++j) CHECK(std::fabs(host[t].data[j] - card[t].data[j]) < 1e-5F);
  }
}

TEST(cuda_users_on_threads_of_their_own_leave_each_other_as_they_are) {
  const TrainPlan dense = smallPlan({lane(0.1), lane(0.5, 0.9)}), pictures = picturePlan({lane(0.1), lane(0.05)});
  const auto stateOf = [](const TrainPlan& plan) {
    cuda::CudaBackend device(0);
    Trainer trainer(plan, &device);
    trainer.advance({});
    return trainer.saveState();
  };
  const auto ask = [](const TrainPlan& plan) {
    cuda::CudaBackend device(0);
    return gradientsOf<float>(plan.graph, {rowsOf(plan, 4)}, {}, {0, 1, 2, 0}, {4}, plan.loss, 1, {}, &device);
  };
  const std::vector<uint8_t> denseAlone = stateOf(dense), picturesAlone = stateOf(pictures);
  const GradientReport alone = ask(pictures);
  std::vector<uint8_t> denseState, picturesState;
  std::thread first([&] { denseState = stateOf(dense); });
  std::thread second([&] { picturesState = stateOf(pictures); });
  for (int time = 0; time < 20; ++time) {
    const GradientReport now = ask(pictures);
    CHECK_EQ(now.loss, alone.loss);
    for (size_t t = 0; t < now.gradients.size(); ++t) CHECK(now.gradients[t].data == alone.gradients[t].data);
  }
  first.join();
  second.join();
  CHECK(denseState == denseAlone);
  CHECK(picturesState == picturesAlone);
}
