#include "../backend.h"
#include "core/sample.h"
#include "parity.h"

// Convolutions and pools of sizes that the samples of the operators do not have: more than one tile in each direction, sums in pieces, phases of
// every length, windows that a block shares.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Nodes one after another on "x"; all values that are not made by a node are trainable. */
class Chain {
 public:
  explicit Chain(Shape input) : value_(add("x", std::move(input))) {}

  Chain& node(const std::string& opType, std::vector<Attribute> attributes = {}, const std::vector<Shape>& weights = {}) {
    const std::string name = opType + std::to_string(graph.nodes.size());
    GraphNode made{name, opType, {value_}, {name + ".out"}, std::move(attributes)};
    for (size_t i = 0; i < weights.size(); ++i) made.inputs.push_back(add(name + ".w" + std::to_string(i), weights[i]));
    value_ = made.outputs[0];
    graph.nodes.push_back(std::move(made));
    graph.outputs = {{value_, {}}};
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

  Generator generator_{1};
  std::string value_;
};

void compare(const std::string& name, const Graph& graph, int lanes = 1) {
  cuda::CudaBackend device(0);
  compareWithProcessor(name, graph, 1, lanes, ProgramMode::Training, device);
}

}  // namespace

TEST(cuda_convolutions_of_several_tiles) {
  // Rows, columns and depth of every product go beyond a tile, by odd numbers.
  compare("3 x 3", Chain({5, 35, 9, 11}).node("Conv", {numbers("pads", {1, 0, 2, 1})}, {{37, 35, 3, 3}, {37}}).graph, 2);
  compare("5", Chain({3, 33, 41}).node("Conv", {numbers("dilations", {2}), numbers("pads", {3, 1})}, {{34, 33, 5}}).graph);
  compare("2 x 3 x 2", Chain({2, 5, 5, 7, 6})
            .node("Conv", {numbers("strides", {2, 1, 2}), numbers("pads", {1, 1, 0, 0, 1, 1})}, {{33, 5, 2, 3, 2}, {33}}).graph);
}

TEST(cuda_convolutions_in_larger_tiles) {
  compare("64 x 64", Chain({14, 1, 30, 33}).node("Conv", {}, {{41, 1, 1, 2}, {41}}).graph);
  compare("32 x 128", Chain({9, 1, 30, 33}).node("Conv", {}, {{19, 1, 1, 2}}).graph, 2);
  compare("16 x 128", Chain({9, 1, 30, 33}).node("Conv", {}, {{13, 1, 1, 2}}).graph, 2);
}

TEST(cuda_convolutions_in_groups) {
  compare("groups", Chain({3, 15, 8, 7}).node("Conv", {number("group", 3), numbers("strides", {2, 1})}, {{21, 5, 3, 2}, {21}}).graph, 2);
  // One input channel each: few outputs are computed directly, many by products.
  compare("depthwise", Chain({3, 7, 13, 9})
            .node("Conv", {number("group", 7), numbers("pads", {1, 2, 0, 1}), numbers("dilations", {1, 2})}, {{14, 1, 3, 2}, {14}}).graph, 2);
  compare("many outputs of one input", Chain({3, 2, 9, 9}).node("Conv", {number("group", 2)}, {{14, 1, 3, 3}, {14}}).graph);
}

TEST(cuda_gradients_of_weights_in_pieces) {
  compare("pieces", Chain({5, 3, 23, 21}).node("Conv", {numbers("pads", {1, 1, 1, 1})}, {{5, 3, 3, 3}, {5}}).graph, 3);
  compare("pieces of groups", Chain({5, 6, 23, 21}).node("Conv", {number("group", 3)}, {{15, 2, 3, 2}, {15}}).graph, 2);
  compare("long sums of depthwise", Chain({5, 3, 25, 23}).node("Conv", {number("group", 3)}, {{3, 1, 3, 2}, {3}}).graph, 2);
}

TEST(cuda_transposed_convolutions_of_several_phases) {
  // Strides beyond the window leave outputs that nothing comes to; unequal sizes make phases of unequal lengths.
  compare("stride 2", Chain({3, 35, 7, 6})
            .node("ConvTranspose", {numbers("strides", {2, 3}), numbers("pads", {1, 0, 0, 2})}, {{35, 33, 3, 4}, {33}}).graph, 2);
  compare("stride beyond the window", Chain({2, 3, 5, 4}).node("ConvTranspose", {numbers("strides", {4, 3})}, {{3, 5, 2, 2}, {5}}).graph);
  compare("dilation", Chain({2, 4, 5, 6})
            .node("ConvTranspose", {numbers("strides", {2, 2}), numbers("dilations", {3, 2}), number("group", 2)}, {{4, 3, 3, 2}, {6}}).graph);
  compare("depthwise", Chain({2, 5, 6, 7}).node("ConvTranspose", {numbers("strides", {2, 3}), number("group", 5)}, {{5, 1, 4, 3}, {5}}).graph, 2);
  compare("stride 3 of a convolution", Chain({3, 4, 17, 16})
            .node("Conv", {numbers("strides", {3, 2}), numbers("pads", {2, 1, 0, 1})}, {{6, 4, 2, 5}}).graph);
}

TEST(cuda_convolutions_with_an_activation) {
  for (const char* activation : {"Relu", "Sigmoid", "Softplus"}) {
    compare(activation, Chain({3, 3, 9, 8}).node("Conv", {}, {{5, 3, 3, 3}, {5}}).node(activation).graph, 2);
    compare(activation, Chain({3, 3, 9, 8}).node("ConvTranspose", {numbers("strides", {2, 2})}, {{3, 2, 3, 3}, {2}}).node(activation).graph);
    compare(activation, Chain({3, 3, 9, 8}).node("Conv", {number("group", 3)}, {{3, 1, 3, 3}, {3}}).node(activation).graph);
  }
}

TEST(cuda_convolutions_of_a_lane_are_those_of_the_lone_lane_bit_for_bit) {
  // Many lanes take wide tiles, one takes small ones.
  cuda::CudaBackend device(0);
  const Graph graph = Chain({5, 2, 23, 22})
                          .node("Conv", {numbers("strides", {2, 1})}, {{9, 2, 3, 3}, {9}})
                          .node("MaxPool", {numbers("kernel_shape", {2, 2})})
                          .graph;
  constexpr int kLanes = 14;
  const Answers together = Trial(graph, kLanes, ProgramMode::Training, &device).run(1, true);
  const Answers alone = Trial(graph, 1, ProgramMode::Training, &device).run(1, true);
  CHECK(together.outputs[0] == alone.outputs[0]);
  for (size_t i = 0; i < alone.gradients.size(); ++i) CHECK(together.gradients[i * kLanes] == alone.gradients[i]);
}

TEST(cuda_pools_of_large_windows) {
  for (const char* pool : {"MaxPool", "AveragePool"}) {
    const std::vector<Attribute> large{numbers("kernel_shape", {9, 11}), numbers("strides", {6, 7}), numbers("pads", {4, 5, 3, 2}),
                                       number("ceil_mode", 1)};
    compare(pool, Chain({1, 3, 25, 23}).node(pool, large).graph, 2);
    const std::vector<Attribute> dilated{numbers("kernel_shape", {3, 3}), numbers("strides", {2, 1}), numbers("dilations", {3, 2}),
                                         numbers("pads", {1, 2, 2, 1})};
    compare(pool, Chain({2, 3, 25, 23}).node(pool, dilated).graph, 2);
    compare(pool, Chain({1, 2, 7, 9, 6}).node(pool, {numbers("kernel_shape", {5, 5, 5}), numbers("dilations", {1, 2, 1})}).graph);
  }
  for (const char* pool : {"GlobalMaxPool", "GlobalAveragePool"}) compare(pool, Chain({3, 5, 37, 29}).node(pool).graph, 2);
}

TEST(cuda_pools_choose_as_the_processor_does) {
  // Equal values, and NaN: the first of the largest, NaN over all.
  for (const Shape& window : {Shape{3, 2}, Shape{9, 12}}) {
    Chain chain({2, 2, 12, 14});
    std::vector<float>& x = chain.graph.initializers[0].values;
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 7 % 3);
    x[17] = x[40] = std::nanf("");
    const std::vector<double> size{static_cast<double>(window[0]), static_cast<double>(window[1])};
    compare("ties", chain.node("MaxPool", {numbers("kernel_shape", size)}).graph);
  }
}

TEST(cuda_values_that_two_windows_read) {
  // The later one adds to the gradient of the earlier.
  for (const char* opType : {"Conv", "ConvTranspose"}) {
    for (int group : {1, 3}) {
      Graph graph = Chain({2, 3, 6, 5}).node(opType, {number("group", group)}, {{3, 3 / group, 3, 3}, {3}}).graph;
      GraphNode again = graph.nodes[0];
      again.name = "again";
      again.outputs = {"again.out"};
      graph.nodes.push_back(again);
      graph.nodes.push_back({"sum", "Add", {graph.nodes[0].outputs[0], "again.out"}, {"sum.out"}, {}});
      graph.outputs = {{"sum.out", {}}};
      compare(opType, graph, 2);
    }
  }
  for (const char* opType : {"MaxPool", "AveragePool"}) {
    Graph graph = Chain({2, 3, 6, 5}).node(opType, {numbers("kernel_shape", {2, 3})}).graph;
    GraphNode again = graph.nodes[0];
    again.name = "again";
    again.outputs = {"again.out"};
    graph.nodes.push_back(again);
    graph.nodes.push_back({"sum", "Add", {graph.nodes[0].outputs[0], "again.out"}, {"sum.out"}, {}});
    graph.outputs = {{"sum.out", {}}};
    compare(opType, graph, 2);
  }
}
