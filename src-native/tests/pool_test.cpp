#include <algorithm>
#include <cmath>
#include <limits>

#include "core/inference.h"
#include "core/sample.h"
#include "harness.h"

// Pooling with values worked out by hand. Gradients: gradients_test.cpp.

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
