#include <algorithm>
#include <cmath>

#include "core/model.h"
#include "core/objective.h"
#include "core/random.h"
#include "core/sample.h"
#include "core/training.h"
#include "harness.h"

// Convolutions in single precision by the kernels, against the plain loops in double, whose gradients gradients_test.cpp checks.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Values and gradients of one run of a graph: its output, and the gradient of every parameter. */
struct Result {
  std::vector<double> output;
  std::vector<std::vector<double>> gradients;
};

Attribute pair(const char* name, int64_t a, int64_t b) { return numbers(name, {static_cast<double>(a), static_cast<double>(b)}); }

/** A chain of nodes on "x"; every node has one output. All values that are not made by a node are trainable. */
class Chain {
 public:
  explicit Chain(Shape input, uint64_t seed = 1) : generator_(seed), value_(add("x", std::move(input))) {}

  Chain& node(const std::string& opType, std::vector<Attribute> attributes = {}, const std::vector<Shape>& weights = {}) {
    const std::string name = opType + std::to_string(graph.nodes.size());
    GraphNode made{name, opType, {value_}, {name + ".out"}, std::move(attributes)};
    for (size_t i = 0; i < weights.size(); ++i) made.inputs.push_back(add(name + ".w" + std::to_string(i), weights[i]));
    value_ = made.outputs[0];
    graph.nodes.push_back(std::move(made));
    graph.outputs = {{value_, {}}};
    return *this;
  }

  /** A node of the value so far and another one. */
  Chain& join(const std::string& opType, const std::string& other) {
    node(opType);
    graph.nodes.back().inputs.push_back(other);
    return *this;
  }

  Graph graph;

 private:
  std::string add(const std::string& name, Shape dims) {
    Initializer initializer;
    initializer.name = name;
    initializer.dims = std::move(dims);
    initializer.values.resize(elementCount(initializer.dims));
    generator_.uniform(initializer.values.data(), initializer.values.size(), -1, 1);
    graph.initializers.push_back(std::move(initializer));
    return name;
  }

  Generator generator_;
  std::string value_;
};

/** Forward and backward with a gradient of the output whose sums do not cancel, for `lanes` lanes whose parameters differ; the result of one of them. */
template <class T>
Result compute(const Graph& graph, int threads = 1, int lanes = 1, int lane = 0, const std::vector<unsigned char>& active = {}) {
  Model<T> model(graph, lanes, threads, true);
  for (Parameter<T>& parameter : model.parameters().all()) {
    for (int i = 1; i < lanes; ++i) {
      for (size_t j = 0; j < parameter.count; ++j) parameter.values(i)[j] = parameter.values(0)[j] * static_cast<T>(1 + 0.25 * i);
    }
  }
  const auto program = model.programFor({}, ProgramMode::Differentiation);
  model.bind(*program);
  Run run{model.pool(), model.workspace(), LaneSet{lanes, active.empty() ? nullptr : active.data(), lanes}};
  program->forward(run);
  const Operand<T>& output = program->output(0);
  Result result;
  for (int i = 0; i < lanes; ++i) {
    for (size_t j = 0; j < output.count; ++j) output.gradient(i)[j] = static_cast<T>(0.6 + std::sin(0.7 * static_cast<double>(j)));
  }
  result.output.assign(output.data(lane), output.data(lane) + output.count);
  program->backward(run);
  for (const Parameter<T>& parameter : model.parameters().all()) {
    result.gradients.emplace_back(parameter.gradients(lane), parameter.gradients(lane) + parameter.count);
  }
  return result;
}

/** Largest difference, relative to the largest value. */
double distance(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0, scale = 1e-6;
  for (size_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::isfinite(a[i]) ? std::fabs(a[i] - b[i]) : 1e9);
    scale = std::max(scale, std::fabs(b[i]));
  }
  return a.size() == b.size() ? most / scale : 1e9;
}

constexpr double kTolerance = 1e-5;

void checkAgainstDouble(const std::string& name, const Graph& graph, double tolerance = kTolerance) {
  const Result fast = compute<float>(graph), exact = compute<double>(graph);
  const double forward = distance(fast.output, exact.output);
  if (forward > tolerance) fail(name.c_str(), 0, "the output differs by " + std::to_string(forward));
  for (size_t i = 0; i < exact.gradients.size(); ++i) {
    const double backward = distance(fast.gradients[i], exact.gradients[i]);
    if (backward > tolerance) {
      fail(name.c_str(), 0, "the gradient of " + graph.initializers[i].name + " differs by " + std::to_string(backward));
    }
  }
}

bool equalBits(const Result& a, const Result& b) { return a.output == b.output && a.gradients == b.gradients; }

struct Size {
  int64_t batch, inputs, outputs, height, width, kernelY, kernelX, strideY, strideX, dilationY, dilationX;
  int64_t top, left, bottom, right, groups;
};

Graph convOf(const Size& s, bool bias) {
  std::vector<Shape> weights{{s.outputs, s.inputs / s.groups, s.kernelY, s.kernelX}};
  if (bias) weights.push_back({s.outputs});
  return Chain({s.batch, s.inputs, s.height, s.width})
      .node("Conv",
            {pair("strides", s.strideY, s.strideX), pair("dilations", s.dilationY, s.dilationX),
             number("group", static_cast<double>(s.groups)),
             numbers("pads", {double(s.top), double(s.left), double(s.bottom), double(s.right)})},
            weights)
      .graph;
}

std::string textOf(const Size& s) {
  return toText({s.batch, s.inputs, s.outputs, s.height, s.width, s.kernelY, s.kernelX, s.strideY, s.strideX, s.dilationY, s.dilationX, s.top,
                 s.left, s.bottom, s.right, s.groups});
}

}  // namespace

TEST(conv_equals_the_formula_at_odd_sizes) {
  const Size sizes[] = {
      {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},     {3, 1, 16, 28, 28, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1},
      {17, 16, 32, 12, 12, 5, 5, 1, 1, 1, 1, 0, 0, 0, 0, 1}, {2, 3, 32, 9, 13, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
      {2, 33, 47, 5, 7, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},    {5, 7, 5, 8, 9, 4, 2, 2, 3, 1, 1, 1, 0, 2, 1, 1},
      {2, 4, 6, 11, 9, 3, 2, 1, 1, 2, 3, 2, 1, 1, 3, 2},     {2, 19, 19, 7, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 19},
      {3, 40, 40, 6, 9, 3, 5, 2, 2, 1, 1, 1, 2, 0, 2, 40},   {9, 24, 17, 5, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1},
      {2, 6, 9, 7, 7, 1, 1, 2, 2, 1, 1, 0, 0, 0, 0, 3},      {40, 5, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 1},
      {13, 64, 64, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},   {1, 2, 3, 40, 50, 7, 7, 4, 4, 1, 1, 3, 3, 3, 3, 1},
      {2, 2, 2, 6, 6, 2, 2, 5, 5, 1, 1, 0, 0, 0, 0, 1},      {1, 3, 4, 3, 3, 3, 3, 1, 1, 3, 3, 3, 3, 3, 3, 1},
      {4, 8, 70, 6, 33, 3, 6, 1, 1, 1, 1, 1, 0, 1, 5, 1},    {3, 1, 6, 28, 28, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 1},
      {2, 130, 3, 9, 37, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},   {2, 3, 130, 9, 37, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1},
      {2, 8, 4, 11, 50, 3, 2, 2, 1, 2, 3, 1, 2, 2, 1, 2},    {5, 4, 3, 15, 17, 3, 5, 2, 3, 1, 1, 1, 2, 1, 2, 1},
      {3, 16, 16, 14, 15, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 8}, {3, 24, 32, 15, 14, 5, 4, 2, 2, 1, 1, 2, 1, 2, 2, 8},
      {7, 4, 4, 28, 28, 5, 5, 1, 1, 1, 1, 2, 2, 2, 2, 4},   {3, 1, 1, 33, 31, 7, 7, 2, 2, 1, 1, 3, 3, 3, 3, 1},
  };
  for (const Size& size : sizes) {
    for (bool bias : {false, true}) checkAgainstDouble(textOf(size), convOf(size, bias));
  }
}

TEST(conv_of_one_dimension_equals_the_formula) {
  for (int64_t kernel : {1, 4, 9}) {
    const Graph graph = Chain({3, 5, 37}).node("Conv", {numbers("pads", {2, 1}), numbers("strides", {2})}, {{18, 5, kernel}, {18}}).graph;
    checkAgainstDouble("kernel " + std::to_string(kernel), graph);
  }
}

TEST(conv_transpose_equals_the_formula) {
  const auto check = [](const char* name, Shape input, std::vector<Attribute> attributes, std::vector<Shape> weights) {
    checkAgainstDouble(name, Chain(std::move(input)).node("ConvTranspose", std::move(attributes), weights).graph);
  };
  check("plain", {2, 5, 6, 7}, {}, {{5, 18, 3, 2}, {18}});
  check("stride", {3, 16, 7, 5}, {pair("strides", 2, 3), numbers("pads", {1, 0, 0, 1}), pair("output_padding", 1, 2)}, {{16, 33, 3, 4}});
  check("groups", {2, 6, 5, 5}, {number("group", 3), pair("dilations", 2, 1)}, {{6, 4, 2, 3}, {12}});
  check("depthwise", {2, 20, 5, 6}, {number("group", 20), pair("strides", 2, 2)}, {{20, 1, 3, 3}, {20}});
  check("holes", {2, 3, 4, 4}, {pair("strides", 3, 3)}, {{3, 4, 2, 1}, {4}});
  check("length", {2, 4, 9}, {numbers("strides", {2}), text("auto_pad", "SAME_LOWER")}, {{4, 7, 5}});
}

TEST(conv_with_activation_and_pool_equals_the_formula) {
  const std::vector<Attribute> halves{pair("kernel_shape", 2, 2), pair("strides", 2, 2)};
  const std::vector<Attribute> overlapping{pair("kernel_shape", 3, 3), pair("strides", 2, 2), numbers("pads", {1, 1, 1, 1})};
  const std::vector<Attribute> loose{pair("kernel_shape", 2, 3), pair("strides", 3, 3), number("ceil_mode", 1)};
  for (const char* activation : {"Relu", "Tanh", "LeakyRelu", "Softplus"}) {
    for (const std::vector<Attribute>& pool : {halves, overlapping, loose}) {
      for (int64_t channels : {3, 7, 16, 40}) {
        Chain chain({3, 3, 10, 12});
        chain.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{channels, 3, 3, 3}, {channels}}).node(activation).node("MaxPool", pool);
        checkAgainstDouble(activation + std::string(" ") + std::to_string(channels), chain.graph);
        chain.node("Conv", {}, {{9, channels, 2, 2}, {9}}).node(activation).node("MaxPool", pool).node("Flatten");
        checkAgainstDouble(activation + std::string(" twice ") + std::to_string(channels), chain.graph);
      }
    }
  }
}

TEST(conv_network_equals_the_formula) {
  Chain chain({4, 3, 12, 12});
  chain.node("Conv", {text("auto_pad", "SAME_UPPER")}, {{20, 3, 3, 3}, {20}}).node("Relu");
  chain.node("Conv", {numbers("pads", {1, 1, 1, 1}), pair("strides", 2, 2)}, {{24, 20, 3, 3}, {24}}).node("Sigmoid");
  chain.node("Conv", {number("group", 24), numbers("pads", {1, 1, 1, 1})}, {{24, 1, 3, 3}, {24}}).node("Relu");
  chain.node("AveragePool", {pair("kernel_shape", 2, 2)}).node("Conv", {}, {{5, 24, 1, 1}}).node("Relu").node("GlobalAveragePool");
  chain.node("Flatten").node("Gemm", {number("transB", 1)}, {{6, 5}, {6}});
  checkAgainstDouble("network", chain.graph);
}

TEST(conv_chain_of_few_channels_equals_the_formula) {
  Chain chain({3, 1, 20, 24});
  chain.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{4, 1, 3, 3}, {4}}).node("Tanh");
  chain.node("Conv", {number("group", 2)}, {{8, 2, 3, 3}, {8}}).node("Relu").node("Conv", {}, {{5, 8, 1, 4}});
  chain.node("MaxPool", {pair("kernel_shape", 3, 3), pair("strides", 2, 2)}).node("ConvTranspose", {}, {{5, 2, 2, 3}, {2}});
  checkAgainstDouble("chain", chain.graph);
  // From many channels to few, pooled and not, planar and channels-last.
  Chain narrow({2, 40, 9, 37});
  narrow.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{4, 40, 3, 3}, {4}}).node("Tanh");
  checkAgainstDouble("narrow", narrow.graph);
  narrow.node("MaxPool", {pair("kernel_shape", 2, 3), pair("strides", 2, 1)});
  checkAgainstDouble("narrow and pool", narrow.graph);
  narrow.node("Conv", {}, {{33, 4, 3, 3}, {33}}).node("Relu").node("Conv", {}, {{2, 33, 1, 3}, {2}}).node("Conv", {}, {{20, 2, 1, 1}});
  checkAgainstDouble("narrow and on", narrow.graph);
}

namespace {

/** Convolutions with everything between them that leaves channels-last pictures as they are, and a dense end. A bias before a normalisation has no gradient. */
Graph normalisedNetwork(int64_t batch, int64_t channels, int64_t side) {
  const std::vector<Attribute> byBatch{number("training_mode", 1)}, same{text("auto_pad", "SAME_UPPER")};
  const auto normalisation = [](int64_t count) { return std::vector<Shape>(4, Shape{count}); };
  Chain chain({batch, 3, side, side + 1});
  chain.node("Conv", same, {{channels, 3, 3, 3}}).node("BatchNormalization", byBatch, normalisation(channels)).node("Relu");
  const std::string shared = chain.graph.outputs[0].name;
  chain.node("Conv", same, {{channels, channels, 3, 3}}).node("BatchNormalization", byBatch, normalisation(channels)).join("Add", shared);
  chain.node("Sin").node("MaxPool", {pair("kernel_shape", 3, 2), pair("strides", 2, 2), numbers("pads", {1, 0, 1, 0})});
  chain.node("Conv", same, {{channels + 3, channels, 2, 2}}).node("BatchNormalization", byBatch, normalisation(channels + 3)).node("Tanh");
  chain.node("AveragePool", {pair("kernel_shape", 2, 3), numbers("pads", {1, 1, 0, 1}), pair("strides", 1, 2)});
  chain.node("Conv", {}, {{9, channels + 3, 1, 1}}).node("GlobalAveragePool").node("Flatten");
  chain.node("Gemm", {number("transB", 1)}, {{21, 9}}).node("BatchNormalization", byBatch, normalisation(21)).node("Softplus");
  return chain.graph;
}

}  // namespace

TEST(conv_network_with_normalisation_equals_the_formula) {
  // A normalisation undoes what lengthens the weights before it: most of their gradient cancels out, rounding does not.
  constexpr double kNormalised = 1e-4;
  checkAgainstDouble("three samples", normalisedNetwork(3, 17, 7), kNormalised);
  checkAgainstDouble("few channels", normalisedNetwork(4, 5, 9), kNormalised);
  checkAgainstDouble("more rows than a block has", normalisedNetwork(7, 32, 12), kNormalised);
}

TEST(conv_value_that_two_nodes_read) {
  Chain chain({3, 4, 7, 6});
  chain.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{18, 4, 3, 3}, {18}}).node("Relu");
  const std::string shared = chain.graph.outputs[0].name;
  chain.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{18, 18, 3, 3}, {18}});
  chain.graph.nodes.push_back({"sum", "Add", {shared, chain.graph.outputs[0].name}, {"sum.out"}, {}});
  chain.graph.outputs[0].name = "sum.out";
  checkAgainstDouble("residual", chain.graph);
  chain.graph.nodes.push_back({"pool", "MaxPool", {"sum.out"}, {"pool.out"}, {pair("kernel_shape", 2, 2)}});
  chain.graph.outputs[0].name = "pool.out";
  checkAgainstDouble("residual and pool", chain.graph);
}

namespace {

void checkBits(const Graph& graph) {
  const Result alone = compute<float>(graph);
  for (int threads : {2, 5}) CHECK(equalBits(compute<float>(graph, threads), alone));
  CHECK(equalBits(compute<float>(graph, 1, 3, 0), alone));
  const Result second = compute<float>(graph, 1, 3, 1);
  CHECK(!equalBits(second, alone));
  for (int threads : {1, 3}) {
    CHECK(equalBits(compute<float>(graph, threads, 2, 1), second));
    CHECK(equalBits(compute<float>(graph, threads, 4, 1, {0, 1, 1, 0}), second));
  }
}

}  // namespace

TEST(conv_bits_do_not_depend_on_threads_and_lanes) {
  Chain chain({19, 3, 14, 14});
  chain.node("Conv", {}, {{16, 3, 5, 5}, {16}}).node("Relu").node("MaxPool", {pair("kernel_shape", 2, 2), pair("strides", 2, 2)});
  chain.node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{40, 16, 3, 3}, {40}}).node("Tanh");
  chain.node("Conv", {number("group", 40)}, {{40, 1, 3, 3}, {40}}).node("Flatten").node("Gemm", {number("transB", 1)}, {{3, 360}, {3}});
  checkBits(chain.graph);
  checkBits(normalisedNetwork(19, 24, 15));
}
