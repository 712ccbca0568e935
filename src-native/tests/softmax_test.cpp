#include <cmath>

#include "core/inference.h"
#include "core/planner.h"
#include "core/sample.h"
#include "fixtures.h"
#include "harness.h"

// The softmax of scaled and masked scores (core/scaled_softmax.h): what becomes one step, and that it computes the same.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

const Shape kScores{2, 3, 4, 5};

Initializer frozen(const std::string& name, Shape dims, std::vector<float> values) {
  Initializer result;
  result.name = name;
  result.dims = std::move(dims);
  result.values = std::move(values);
  result.frozen = true;
  return result;
}

struct Variant {
  const char* scaling = "Mul";
  float factor = 0.25F;
  bool factorFirst = false;
  bool factorLearns = false;
  Shape mask{4, 5};
  bool maskFirst = false;
  double axis = -1;
};

/** Softmax(scores ⊙ factor + mask), where an empty operator name or mask leaves that part out. */
Graph attention(const Variant& variant) {
  Generator generator(3);
  Graph graph;
  graph.initializers = {initializer("scores", kScores, generator, -4, 4), frozen("factor", {}, {variant.factor})};
  graph.initializers[1].frozen = !variant.factorLearns;
  std::string value = "scores";
  if (variant.scaling[0] != 0) {
    std::vector<std::string> inputs{value, "factor"};
    if (variant.factorFirst) std::swap(inputs[0], inputs[1]);
    graph.nodes.push_back(node("scaled", variant.scaling, inputs));
    value = "scaled.out";
  }
  if (!variant.mask.empty()) {
    std::vector<float> values(elementCount(variant.mask));
    for (size_t i = 0; i < values.size(); ++i) values[i] = i % 7 == 3 ? -1e9F : 0.1F * static_cast<float>(i % 5);
    graph.initializers.push_back(frozen("mask", variant.mask, values));
    std::vector<std::string> inputs{value, "mask"};
    if (variant.maskFirst) std::swap(inputs[0], inputs[1]);
    graph.nodes.push_back(node("masked", "Add", inputs));
    value = "masked.out";
  }
  graph.nodes.push_back(node("softmax", "Softmax", {value}, {number("axis", variant.axis)}));
  graph.outputs = {{"softmax.out", {}}};
  return graph;
}

size_t stepsOf(const Graph& graph) { return planGraph(graph, {}, 1, ProgramMode::Training).nodes.size(); }

/** The same graph with every value as an output, which keeps every node. */
Graph unfused(Graph graph) {
  for (size_t i = 0; i + 1 < graph.nodes.size(); ++i) graph.outputs.push_back({graph.nodes[i].outputs[0], {}});
  return graph;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double result = a.size() == b.size() ? 0 : 1e9;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) result = std::max(result, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return result;
}

}  // namespace

TEST(softmax_takes_scale_and_mask_over) {
  std::vector<Variant> variants(8);
  variants[1].scaling = "Div";
  variants[1].factor = 2;
  variants[2].factorFirst = variants[2].maskFirst = true;
  variants[3].mask = {1, 1, 4, 5};
  variants[4].mask = {5};
  variants[5].mask = {};
  variants[6].scaling = "";
  variants[7].mask = kScores;
  for (const Variant& variant : variants) {
    const Graph graph = attention(variant);
    CHECK_EQ(stepsOf(graph), size_t{1});
    CHECK_EQ(stepsOf(unfused(graph)), graph.nodes.size());
    CHECK(largestDifference(infer(graph, {}, 1)[0].data, infer(unfused(graph), {}, 1)[0].data) < 1e-6);
    const std::vector<float> zeros(elementCount(kScores));
    const GradientReport report = gradientsOf<double>(graph, {}, zeros, {}, kScores, LossKind::Mse, 1);
    const GradientReport single = gradientsOf<float>(graph, {}, zeros, {}, kScores, LossKind::Mse, 1);
    // Against differences of the loss, at some places.
    for (size_t at : {size_t{0}, size_t{17}, size_t{119}}) {
      double losses[2];
      float places[2];
      for (int side = 0; side < 2; ++side) {
        Graph moved = graph;
        places[side] = moved.initializers[0].values[at] += side == 0 ? 1e-3F : -1e-3F;
        losses[side] = gradientsOf<double>(moved, {}, zeros, {}, kScores, LossKind::Mse, 1).loss;
      }
      const double expected = (losses[0] - losses[1]) / (static_cast<double>(places[0]) - static_cast<double>(places[1]));
      CHECK(std::fabs(static_cast<double>(report.gradients[0].data[at]) - expected) < 1e-7);
    }
    CHECK(largestDifference(report.gradients[0].data, single.gradients[0].data) < 1e-7);
  }
}

TEST(softmax_leaves_what_it_cannot_take_over) {
  std::vector<Variant> variants(4);
  variants[0].factorLearns = true;  // takes the mask only
  variants[1].factor = -1;
  variants[2].axis = 2;
  variants[3].mask = {4, 1};
  const size_t left[] = {2, 2, 3, 3};
  for (size_t i = 0; i < variants.size(); ++i) CHECK_EQ(stepsOf(attention(variants[i])), left[i]);
}
