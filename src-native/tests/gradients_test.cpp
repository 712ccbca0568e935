#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/model.h"
#include "core/objective.h"
#include "core/random.h"
#include "core/sample.h"
#include "core/training.h"
#include "harness.h"

// Every operator and loss against central differences in double, at odd shapes, batch 1 and 3. The operators come from the table:
// one without samples fails.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** One network to differentiate: all its values are initializers, so that inputs are checked like weights. */
struct Case {
  std::string name;
  Graph graph;
};

std::string nameOf(const OperatorDefinition& definition, size_t sample, int64_t batch, size_t output) {
  return std::string(definition.opType) + ", sample " + std::to_string(sample) + ", batch " + std::to_string(batch) + ", output " +
         std::to_string(output);
}

/** Every sample of an operator, one case for every output that has a gradient. */
std::vector<Case> casesOf(const OperatorDefinition& definition, int64_t batch) {
  std::vector<Case> cases;
  const std::vector<OperatorSample> samples = definition.samples(batch);
  for (size_t i = 0; i < samples.size(); ++i) {
    Graph graph = sampleGraph(definition, samples[i], 100 + i);
    for (size_t output = 0; output < std::min(samples[i].outputs, definition.differentiableOutputs); ++output) {
      cases.push_back({nameOf(definition, i, batch, output), graph});
      cases.back().graph.outputs = {{graph.nodes[0].outputs[output], {}}};
    }
    // A value that is read twice by one node gets both gradients.
    const auto& inputs = samples[i].inputs;
    if (inputs.size() == 2 && inputs[1].role == SampleInput::Role::Value && inputs[0].dims == inputs[1].dims) {
      graph.nodes[0].inputs[1] = graph.nodes[0].inputs[0];
      graph.initializers.pop_back();
      cases.push_back({nameOf(definition, i, batch, 0) + ", read twice", graph});
    }
  }
  return cases;
}

GraphNode readerOf(const std::string& opType, const std::string& name, std::vector<std::string> inputs) {
  return {name, opType, std::move(inputs), {name + ".out"}, {}};
}

/** A product with its activation fused, and one whose product is also read elsewhere. */
std::vector<Case> fusedCases(const OperatorDefinition& activation, int64_t batch) {
  const OperatorDefinition& gemm = *findOperator("Gemm", Device::Cpu);
  Case fused{std::string("Gemm and ") + activation.opType,
             sampleGraph(gemm, {{input({batch, 5}), input({3, 5}), input({3})}, {number("transB", 1)}, 1}, 7)};
  fused.graph.nodes.push_back(readerOf(activation.opType, "activation", {"output0"}));
  fused.graph.outputs[0].name = "activation.out";
  Case branched = fused;
  branched.name += ", product read twice";
  branched.graph.nodes.push_back(readerOf("Mul", "product", {"activation.out", "output0"}));
  branched.graph.outputs[0].name = "product.out";
  return {fused, branched};
}

/** The loss in double at the current weights of a model. */
class Differentiator {
 public:
  Differentiator(const Graph& graph, LossKind loss, ProgramMode mode = ProgramMode::Differentiation) : model_(graph, 1, 1, true) {
    program_ = model_.programFor({}, mode);
    model_.bind(*program_);
    const Operand<double>& output = program_->output(0);
    rows_ = output.shape.empty() ? 1 : static_cast<size_t>(output.shape[0]);
    columns_ = output.count / rows_;
    Generator generator(77);
    if (target_.targets.empty()) {
      target_.targets.resize(rows_ * columns_);
      generator.rand(target_.targets.data(), target_.targets.size());
    }
    for (size_t i = 0; i < rows_; ++i) target_.classes.push_back(static_cast<int64_t>(generator.next() % columns_));
    scoring_ = std::make_unique<Scoring>(loss, std::vector<Metric>{}, columns_);
    objective_ = std::make_unique<Objective<double>>(*scoring_, 1, rows_);
  }

  double loss(bool backward) {
    Run run{model_.pool(), model_.workspace(), LaneSet{}, {5, 9}};
    program_->forward(run);
    Tally tally = scoring_->emptyTally();
    double result = 0;
    const TargetRows rows{target_.targets.data(), target_.classes.data()};
    objective_->run(run, program_->output(0), rows, backward, &tally, &result);
    if (backward) program_->backward(run);
    return result;
  }

  /** The largest difference between backward and central differences, relative to the larger of the gradient and 1e-3. */
  double worst(double flaw = 0) {
    loss(true);
    std::vector<std::vector<double>> gradients;
    for (const Parameter<double>& parameter : model_.parameters().all()) {
      if (parameter.kind != ParameterKind::Trained) continue;
      gradients.emplace_back(parameter.gradients(0), parameter.gradients(0) + parameter.count);
    }
    if (flaw != 0) gradients[0][0] += flaw;
    double result = 0;
    size_t index = 0;
    for (const Parameter<double>& parameter : model_.parameters().all()) {
      if (parameter.kind != ParameterKind::Trained) continue;
      for (size_t i = 0; i < parameter.count; ++i) {
        double& weight = parameter.values(0)[i];
        const double kept = weight;
        constexpr double kStep = 1e-5;
        weight = kept + kStep;
        const double above = loss(false);
        weight = kept - kStep;
        const double below = loss(false);
        weight = kept;
        const double expected = (above - below) / (2 * kStep);
        const double got = gradients[index][i];
        const double scale = std::max({std::fabs(expected), std::fabs(got), 1e-3});
        result = std::max(result, std::isfinite(got) ? std::fabs(expected - got) / scale : 1e9);
      }
      ++index;
    }
    return result;
  }

 private:
  Model<double> model_;
  std::unique_ptr<Program<double>> program_;
  size_t rows_ = 0, columns_ = 0;
  DataSplit target_;
  std::unique_ptr<Scoring> scoring_;
  std::unique_ptr<Objective<double>> objective_;
};

constexpr double kTolerance = 1e-6;

}  // namespace

TEST(gradients_of_every_operator_equal_central_differences) {
  for (const OperatorDefinition* definition : allOperators()) {
    if (!definition->samples) fail(definition->opType, 0, "has no samples");
    for (int64_t batch : {1, 3}) {
      std::vector<Case> cases = casesOf(*definition, batch);
      if (definition->fusable) {
        for (Case& fused : fusedCases(*definition, batch)) cases.push_back(std::move(fused));
      }
      if (cases.size() < 2 && definition->differentiableOutputs > 0 && !definition->view()) fail(definition->opType, 0, "has one sample only");
      for (const Case& item : cases) {
        for (ProgramMode mode : {ProgramMode::Differentiation, ProgramMode::Training}) {
          const double worst = Differentiator(item.graph, LossKind::Mse, mode).worst();
          if (worst > kTolerance) fail(item.name.c_str(), static_cast<int>(mode), "differs by " + std::to_string(worst));
        }
      }
    }
  }
}

TEST(gradients_of_every_loss_equal_central_differences) {
  const OperatorDefinition& identity = *findOperator("Identity", Device::Cpu);
  for (const LossDefinition* loss : allLosses()) {
    for (int64_t batch : {1, 3}) {
      for (int64_t columns : {1, 5, 67}) {
        const double worst = Differentiator(sampleGraph(identity, {{input({batch, columns})}, {}, 1}, 3), loss->kind).worst();
        if (worst > kTolerance) fail(loss->name, static_cast<int>(columns), "differs by " + std::to_string(worst));
      }
    }
  }
}

TEST(gradients_check_notices_a_wrong_gradient) {
  const OperatorDefinition& gemm = *findOperator("Gemm", Device::Cpu);
  const Graph graph = sampleGraph(gemm, {{input({3, 5}), input({3, 5}), input({3})}, {number("transB", 1)}, 1}, 3);
  CHECK(Differentiator(graph, LossKind::Mse).worst() < kTolerance);
  CHECK(Differentiator(graph, LossKind::Mse).worst(1e-4) > kTolerance);
}
