#include <algorithm>

#include "core/layout.h"
#include "core/sample.h"
#include "harness.h"

// What the planner makes of pools, and which pictures have their channels last.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

Attribute pair(const char* name, double a, double b) { return numbers(name, {a, b}); }

/** x, Conv, Relu, MaxPool, Conv, then what the arguments add. */
Graph twoConvolutions() {
  Graph graph;
  graph.inputs = {{"x", {-1, 2, 8, 8}}};
  const auto weights = [&](const std::string& name, Shape dims) {
    Initializer initializer;
    initializer.name = name;
    initializer.dims = std::move(dims);
    initializer.values.assign(elementCount(initializer.dims), 0.5F);
    graph.initializers.push_back(std::move(initializer));
  };
  weights("w1", {3, 2, 3, 3});
  weights("w2", {4, 3, 2, 2});
  graph.nodes = {{"c1", "Conv", {"x", "w1"}, {"a"}, {}},
                 {"r1", "Relu", {"a"}, {"b"}, {}},
                 {"p1", "MaxPool", {"b"}, {"c"}, {pair("kernel_shape", 2, 2), pair("strides", 2, 2)}},
                 {"c2", "Conv", {"c", "w2"}, {"d"}, {}}};
  graph.outputs = {{"d", {}}};
  return graph;
}

Plan arranged(const Graph& graph) {
  Plan plan = planGraph(graph, {{5, 2, 8, 8}}, 1, ProgramMode::Training);
  arrangePictures(plan);
  return plan;
}

const PlannedValue& valueNamed(const Plan& plan, const std::string& name) {
  return *std::find_if(plan.values.begin(), plan.values.end(), [&](const PlannedValue& value) { return value.name == name; });
}

}  // namespace

TEST(layout_fuses_a_pool_and_keeps_pictures_between_convolutions_channels_last) {
  const Graph graph = twoConvolutions();
  const Plan plan = arranged(graph);
  CHECK_EQ(plan.nodes.size(), size_t{2});
  CHECK(plan.nodes[0].pool.has_value());
  CHECK(valueNamed(plan, "c").channelsLast);
  // An output of the graph lies as its shape says.
  CHECK(!valueNamed(plan, "d").channelsLast);
}

TEST(layout_leaves_alone_what_others_read) {
  Graph graph = twoConvolutions();
  graph.nodes.push_back({"f", "Flatten", {"c"}, {"e"}, {}});
  graph.outputs.push_back({"e", {}});
  Plan plan = arranged(graph);
  CHECK_EQ(plan.nodes.size(), size_t{2});
  CHECK(!valueNamed(plan, "c").channelsLast);

  graph = twoConvolutions();
  graph.outputs.push_back({"b", {}});  // read before the pool, too
  plan = arranged(graph);
  CHECK_EQ(plan.nodes.size(), size_t{3});
  CHECK(!plan.nodes[0].pool.has_value());

  graph = twoConvolutions();
  graph.nodes[2].outputs.push_back("places");
  graph.outputs.push_back({"places", {}});
  plan = arranged(graph);
  CHECK_EQ(plan.nodes.size(), size_t{3});
}

namespace {

/** x, Conv a, BatchNormalization b, Relu, Conv c, Add of both: a residual block, and what reads its value d. */
Graph residualBlock(const std::vector<GraphNode>& readers) {
  Graph graph;
  graph.inputs = {{"x", {-1, 2, 8, 8}}};
  const auto weights = [&](const std::string& name, Shape dims) {
    Initializer initializer;
    initializer.name = name;
    initializer.dims = std::move(dims);
    initializer.values.assign(elementCount(initializer.dims), 0.5F);
    graph.initializers.push_back(std::move(initializer));
  };
  weights("w1", {6, 2, 3, 3});
  weights("w2", {6, 6, 1, 1});
  weights("w3", {4, 6, 3, 3});
  for (const char* name : {"scale", "shift", "mean", "variance"}) weights(name, {6});
  graph.nodes = {{"c1", "Conv", {"x", "w1"}, {"a"}, {}},
                 {"n1", "BatchNormalization", {"a", "scale", "shift", "mean", "variance"}, {"b0"}, {}},
                 {"r1", "Relu", {"b0"}, {"b"}, {}},
                 {"c2", "Conv", {"b", "w2"}, {"c"}, {}},
                 {"sum", "Add", {"b", "c"}, {"d"}, {}}};
  graph.nodes.insert(graph.nodes.end(), readers.begin(), readers.end());
  graph.outputs = {{graph.nodes.back().outputs[0], {}}};
  return graph;
}

}  // namespace

TEST(layout_keeps_normalised_and_added_pictures_channels_last) {
  const Graph graph = residualBlock({{"c3", "Conv", {"d", "w3"}, {"e"}, {}}});
  const Plan plan = arranged(graph);
  // The activation went into the normalisation.
  CHECK_EQ(plan.nodes.size(), size_t{5});
  for (const char* name : {"a", "b", "c", "d"}) CHECK(valueNamed(plan, name).channelsLast);
}

TEST(layout_of_a_group_follows_its_strictest_reader) {
  const Plan flat = arranged(residualBlock({{"f", "Flatten", {"d"}, {"e"}, {}}}));
  for (const char* name : {"a", "b", "c", "d"}) CHECK(!valueNamed(flat, name).channelsLast);
  // A pool turns the pictures on its way.
  const Plan pooled = arranged(residualBlock(
      {{"p", "AveragePool", {"d"}, {"q"}, {pair("kernel_shape", 2, 2)}}, {"f", "Flatten", {"q"}, {"e"}, {}}}));
  for (const char* name : {"a", "b", "c", "d"}) CHECK(valueNamed(pooled, name).channelsLast);
  CHECK(!valueNamed(pooled, "q").channelsLast);
}
