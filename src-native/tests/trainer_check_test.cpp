#include <cmath>

#include "core/errors.h"
#include "harness.h"
#include "trainer_fixtures.h"

// Plans that are refused.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

std::string codeOf(void (*body)()) {
  try {
    body();
  } catch (const EngineError& error) {
    return error.code();
  }
  return "";
}

}  // namespace

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
