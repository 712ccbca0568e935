#include <cmath>
#include <set>

#include "core/errors.h"
#include "core/model.h"
#include "core/objective.h"
#include "fixtures.h"
#include "harness.h"

// Every operator and loss against central differences in double, at odd shapes, batch 1 and 3. The operators come from the table:
// one without a case here fails.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** One network to differentiate: all its values are trainable initializers, so that inputs are checked like weights. */
struct Case {
  std::string opType;
  Graph graph;
};

/** A graph that is one node on initializers of these shapes; the graph's input is there for the batch only. */
Case single(const std::string& opType, const std::vector<Shape>& shapes, std::vector<Attribute> attributes, float lo = -2,
            float hi = 2) {
  static uint64_t seed = 100;
  Generator generator(++seed);
  Case result{opType, {}};
  std::vector<std::string> names;
  for (size_t i = 0; i < shapes.size(); ++i) {
    names.push_back("p" + std::to_string(i));
    result.graph.initializers.push_back(initializer(names.back(), shapes[i], generator, lo, hi));
    // Away from the kinks of Relu and its kin, where a difference quotient means nothing.
    for (float& value : result.graph.initializers.back().values) {
      if (std::fabs(value) < 0.05F) value = 0.3F;
    }
  }
  result.graph.inputs = {{"x", {-1, 1}}};
  result.graph.nodes = {node("n", opType, names, std::move(attributes))};
  result.graph.outputs = {{"n.out", {}}};
  return result;
}

Case withShapeConstant(Case result, std::vector<int64_t> shape) {
  result.graph.initializers.push_back(constant("shape", std::move(shape)));
  result.graph.nodes[0].inputs.push_back("shape");
  return result;
}

std::vector<Case> casesFor(int64_t batch) {
  const auto attribute = numberAttribute;
  std::vector<Case> cases;
  for (const char* name : {"Relu", "Sigmoid", "Tanh", "Softplus", "Identity"}) cases.push_back(single(name, {{batch, 7}}, {}));
  for (double alpha : {0.3, -0.4}) {
    cases.push_back(single("LeakyRelu", {{batch, 5}}, {attribute("alpha", alpha)}));
    cases.push_back(single("Elu", {{batch, 5}}, {attribute("alpha", alpha)}));
  }
  cases.push_back(single("LeakyRelu", {{batch, 3}}, {}));
  cases.push_back(single("Elu", {{batch, 3}}, {}));
  cases.push_back(single("Softmax", {{batch, 5}}, {}));
  cases.push_back(single("Softmax", {{batch, 3, 2}}, {attribute("axis", 1)}));
  cases.push_back(single("Softmax", {{batch, 3, 2}}, {attribute("axis", 0)}));
  cases.push_back(single("Flatten", {{batch, 3, 2}}, {}));
  cases.push_back(single("Flatten", {{batch, 3, 2}}, {attribute("axis", -1)}));
  cases.push_back(withShapeConstant(single("Reshape", {{batch, 3, 2}}, {}), {0, -1}));
  cases.push_back(withShapeConstant(single("Reshape", {{batch, 6}}, {}), {-1, 2, 3}));
  for (const char* name : {"Add", "Sub", "Mul", "Div"}) {
    // Divisors away from 0.
    const float lo = std::string(name) == "Div" ? 0.5F : -2.0F;
    cases.push_back(single(name, {{batch, 3}, {batch, 3}}, {}, lo));
    cases.push_back(single(name, {{batch, 3}, {3}}, {}, lo));
    cases.push_back(single(name, {{3}, {batch, 3}}, {}, lo));
    cases.push_back(single(name, {{batch, 1, 3}, {2, 1}}, {}, lo));
    cases.push_back(single(name, {{batch, 4}, {}}, {}, lo));
    cases.push_back(single(name, {{batch, 1}, {1, 5}}, {}, lo));
    Case twice = single(name, {{batch, 3}}, {}, lo);
    twice.graph.nodes[0].inputs = {"p0", "p0"};
    cases.push_back(twice);
  }
  for (int transA : {0, 1}) {
    for (int transB : {0, 1}) {
      const Shape a = transA ? Shape{5, batch} : Shape{batch, 5};
      const Shape b = transB ? Shape{3, 5} : Shape{5, 3};
      for (const Shape& c : {Shape{3}, Shape{1, 3}, Shape{}, Shape{1}, Shape{batch, 1}, Shape{batch, 3}}) {
        cases.push_back(single("Gemm", {a, b, c},
                               {attribute("transA", transA), attribute("transB", transB), attribute("alpha", 0.7),
                                attribute("beta", c.size() == 1 ? 1 : 1.3)}));
      }
      cases.push_back(single("Gemm", {a, b}, {attribute("transA", transA), attribute("transB", transB)}));
    }
  }
  // A product with its activation fused, and a value that is read twice.
  for (const char* name : {"Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "Softplus"}) {
    Case fused = single("Gemm", {{batch, 5}, {3, 5}, {3}}, {attribute("transB", 1)});
    fused.opType = name;
    fused.graph.nodes.push_back(node("act", name, {"n.out"}));
    fused.graph.outputs[0].name = "act.out";
    cases.push_back(fused);
    Case branched = fused;
    branched.graph.nodes.push_back(node("sum", "Mul", {"act.out", "n.out"}));
    branched.graph.outputs[0].name = "sum.out";
    cases.push_back(branched);
  }
  return cases;
}

/** The loss in double at the current weights of a model. */
class Differentiator {
 public:
  Differentiator(const Graph& graph, LossKind loss, int64_t batch, const DataSplit* target = nullptr)
      : model_(graph, 1, 1, true), input_(static_cast<size_t>(batch), 0.5) {
    Shape shape{batch, 1};
    program_ = model_.programFor({shape}, ProgramMode::Training);
    model_.bind(*program_);
    program_->setInput(0, input_.data());
    const Operand<double>& output = program_->output(0);
    rows_ = static_cast<size_t>(output.shape[0]);
    columns_ = elementCount(output.shape, 1);
    if (target) target_ = *target;
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
    Run run{model_.pool(), model_.workspace(), LaneSet{}};
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
      gradients.emplace_back(parameter.gradients(0), parameter.gradients(0) + parameter.count);
    }
    if (flaw != 0) gradients[0][0] += flaw;
    double result = 0;
    size_t index = 0;
    for (const Parameter<double>& parameter : model_.parameters().all()) {
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
  std::vector<double> input_;
  std::unique_ptr<Program<double>> program_;
  size_t rows_ = 0, columns_ = 0;
  DataSplit target_;
  std::unique_ptr<Scoring> scoring_;
  std::unique_ptr<Objective<double>> objective_;
};

constexpr double kTolerance = 1e-6;

}  // namespace

TEST(gradients_of_every_operator_equal_central_differences) {
  std::set<std::string> covered;
  for (int64_t batch : {1, 3}) {
    for (Case& item : casesFor(batch)) {
      covered.insert(item.opType);
      covered.insert(item.graph.nodes[0].opType);
      const double worst = Differentiator(item.graph, LossKind::Mse, batch).worst();
      if (worst > kTolerance) fail(item.opType.c_str(), static_cast<int>(batch), "differs by " + std::to_string(worst));
    }
  }
  for (const OperatorDefinition* definition : allOperators()) {
    if (covered.count(definition->opType) == 0) fail(definition->opType, 0, "has no gradient case");
  }
}

TEST(gradients_of_every_loss_equal_central_differences) {
  for (const LossDefinition* loss : allLosses()) {
    for (int64_t batch : {1, 3}) {
      for (int64_t columns : {1, 5, 67}) {
        const Case item = single("Identity", {{batch, columns}}, {});
        const double worst = Differentiator(item.graph, loss->kind, batch).worst();
        if (worst > kTolerance) fail(loss->name, static_cast<int>(columns), "differs by " + std::to_string(worst));
      }
    }
  }
}

TEST(gradients_check_notices_a_wrong_gradient) {
  const Case item = single("Gemm", {{3, 5}, {3, 5}, {3}}, {numberAttribute("transB", 1)});
  CHECK(Differentiator(item.graph, LossKind::Mse, 3).worst() < kTolerance);
  CHECK(Differentiator(item.graph, LossKind::Mse, 3).worst(1e-4) > kTolerance);
}
