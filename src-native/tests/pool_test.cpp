#include <algorithm>
#include <cmath>
#include <limits>

#include "core/inference.h"
#include "core/layout.h"
#include "core/sample.h"
#include "core/training.h"
#include "harness.h"

// Pooling with values worked out by hand, and what the planner makes of pools and pictures. Gradients: gradients_test.cpp.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** The outputs of one node on one input. */
std::vector<NamedTensor> pool(const std::string& opType, Shape shape, std::vector<float> values, std::vector<Attribute> attributes,
                              size_t outputs = 1) {
  Graph graph;
  graph.inputs = {{"x", Shape(shape.size(), -1)}};
  GraphNode node{"pool", opType, {"x"}, {}, std::move(attributes)};
  for (size_t i = 0; i < outputs; ++i) {
    node.outputs.push_back("y" + std::to_string(i));
    graph.outputs.push_back({node.outputs.back(), {}});
  }
  graph.nodes = {node};
  return infer(graph, {{"x", std::move(shape), std::move(values)}}, 1);
}

std::vector<float> count(size_t n) {
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(i + 1);
  return values;
}

using Values = std::vector<float>;

std::string text(const Values& values) {
  std::string result;
  for (float value : values) result += (result.empty() ? "" : " ") + std::to_string(value);
  return result;
}

#define CHECK_VALUES(got, ...) CHECK_EQ(text(got), text(Values __VA_ARGS__))

Attribute pair(const char* name, double a, double b) { return numbers(name, {a, b}); }

}  // namespace

TEST(max_pool_takes_the_largest_and_says_where) {
  const auto result = pool("MaxPool", {1, 2, 4, 4}, count(32), {pair("kernel_shape", 2, 2), pair("strides", 2, 2)}, 2);
  CHECK_VALUES(result[0].data, {6, 8, 14, 16, 22, 24, 30, 32});
  CHECK_VALUES(result[1].data, {5, 7, 13, 15, 21, 23, 29, 31});
  const auto columns =
      pool("MaxPool", {1, 1, 2, 3}, count(6), {pair("kernel_shape", 2, 2), number("storage_order", 1)}, 2);
  CHECK_VALUES(columns[1].data, {3, 5});
}

TEST(max_pool_last_window) {
  const std::vector<Attribute> attributes{numbers("kernel_shape", {2}), numbers("strides", {2})};
  CHECK_VALUES(pool("MaxPool", {1, 1, 5}, count(5), attributes)[0].data, {2, 4});
  std::vector<Attribute> ceil = attributes;
  ceil.push_back(number("ceil_mode", 1));
  CHECK_VALUES(pool("MaxPool", {1, 1, 5}, count(5), ceil)[0].data, {2, 4, 5});
  // It would begin in the padding.
  ceil[1] = numbers("strides", {3});
  ceil.push_back(numbers("pads", {0, 1}));
  CHECK_VALUES(pool("MaxPool", {1, 1, 6}, count(6), ceil)[0].data, {2, 5});
}

TEST(max_pool_keeps_nan_and_first_of_equals) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto result = pool("MaxPool", {1, 1, 6}, {1, nan, 3, 4, 4, 2}, {numbers("kernel_shape", {3}), numbers("strides", {3})}, 2);
  CHECK(std::isnan(result[0].data[0]));
  CHECK_EQ(result[0].data[1], 4.0F);
  CHECK_VALUES(result[1].data, {1, 3});
}

TEST(average_pool_and_its_padding) {
  const std::vector<Attribute> attributes{numbers("kernel_shape", {3}), numbers("pads", {1, 1})};
  CHECK_VALUES(pool("AveragePool", {1, 1, 3}, {3, 6, 9}, attributes)[0].data, {4.5, 6, 7.5});
  std::vector<Attribute> counted = attributes;
  counted.push_back(number("count_include_pad", 1));
  CHECK_VALUES(pool("AveragePool", {1, 1, 3}, {3, 6, 9}, counted)[0].data, {3, 6, 5});
  CHECK_VALUES(pool("GlobalAveragePool", {1, 2, 2, 2}, count(8), {})[0].data, {2.5, 6.5});
  CHECK_VALUES(pool("GlobalMaxPool", {2, 1, 4}, count(8), {})[0].data, {4, 8});
}

namespace {

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
