#include "core/planner.h"

#include <algorithm>

#include "core/arena.h"
#include "core/errors.h"
#include "core/inference.h"
#include "core/memory.h"
#include "fixtures.h"
#include "harness.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Shape of the output of one node on float inputs of these shapes, or the code of the error. */
std::string shapeOrCode(const std::string& opType, const std::vector<Shape>& shapes, std::vector<Attribute> attributes = {},
                        std::vector<int64_t> constantShape = {}) {
  Generator generator(1);
  Graph graph;
  graph.inputs = {{"in0", {}}};
  std::vector<std::string> names{"in0"};
  for (size_t i = 1; i < shapes.size(); ++i) {
    names.push_back("in" + std::to_string(i));
    graph.initializers.push_back(initializer(names.back(), shapes[i], generator));
  }
  if (!constantShape.empty()) {
    names.push_back("shape");
    graph.initializers.push_back(constant("shape", constantShape));
  }
  graph.nodes = {node("n", opType, names, std::move(attributes))};
  graph.outputs = {{"n.out", {}}};
  try {
    const Plan plan = planGraph(graph, {shapes[0]}, 1, ProgramMode::Inference);
    return toText(plan.values[static_cast<size_t>(plan.outputs[0])].shape);
  } catch (const EngineError& error) {
    return error.code();
  }
}

std::string planCode(const Graph& graph, std::string* message = nullptr) {
  try {
    planGraph(graph, {{2, 5}}, 1, ProgramMode::Inference);
  } catch (const EngineError& error) {
    if (message) *message = error.what();
    return error.code();
  }
  return "";
}

}  // namespace

TEST(planner_shape_rules) {
  const auto attribute = numberAttribute;
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5}, {5, 3}}), "[4, 3]");
  CHECK_EQ(shapeOrCode("Gemm", {{5, 4}, {3, 5}, {3}}, {attribute("transA", 1), attribute("transB", 1)}), "[4, 3]");
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5}, {6, 3}}), "graph.shape");
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5, 1}, {5, 3}}), "graph.shape");
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5}, {5, 3}, {4}}), "graph.shape");
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5}}), "graph.shape");
  CHECK_EQ(shapeOrCode("Gemm", {{4, 5}, {5, 3}}, {attribute("transQ", 1)}), "graph.attribute");
  CHECK_EQ(shapeOrCode("Add", {{4, 1, 5}, {3, 1}}), "[4, 3, 5]");
  CHECK_EQ(shapeOrCode("Add", {{4, 2}, {3}}), "graph.shape");
  CHECK_EQ(shapeOrCode("Flatten", {{2, 3, 4}}), "[2, 12]");
  CHECK_EQ(shapeOrCode("Flatten", {{2, 3, 4}}, {attribute("axis", 0)}), "[1, 24]");
  CHECK_EQ(shapeOrCode("Flatten", {{2, 3, 4}}, {attribute("axis", 3)}), "[24, 1]");
  CHECK_EQ(shapeOrCode("Flatten", {{2, 3, 4}}, {attribute("axis", -1)}), "[6, 4]");
  CHECK_EQ(shapeOrCode("Flatten", {{2, 3, 4}}, {attribute("axis", 4)}), "graph.attribute");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {}, {0, -1}), "[2, 12]");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {}, {4, 0, 2}), "[4, 3, 2]");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {}, {-1, -1}), "graph.shape");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {}, {5, -1}), "graph.shape");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {}, {24, 2}), "graph.shape");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 3, 4}}, {attribute("allowzero", 1)}, {0, -1}), "graph.shape");
  CHECK_EQ(shapeOrCode("Softmax", {{2, 3}}, {attribute("axis", 2)}), "graph.attribute");
  CHECK_EQ(shapeOrCode("Softmax", {{2, 3}}, {attribute("axis", -2)}), "[2, 3]");
  CHECK_EQ(shapeOrCode("Quadruple", {{2, 3}}), "graph.operator");
}

TEST(planner_refuses_broken_graphs) {
  std::string message;
  Graph cycle = network({5, 4, 3}, "Tanh", 1);
  cycle.nodes[0].inputs[0] = "act1.out";
  CHECK_EQ(planCode(cycle, &message), "graph.cycle");
  CHECK(message.find("linear1") != std::string::npos && message.find("act1") != std::string::npos);
  CHECK(message.find("linear2") == std::string::npos);

  Graph missing = network({5, 4}, "Tanh", 1);
  missing.nodes[0].inputs[0] = "nowhere";
  CHECK_EQ(planCode(missing), "graph.value");
  Graph twice = network({5, 4, 3}, "Tanh", 1);
  twice.nodes[1].outputs[0] = "linear1.out";
  CHECK_EQ(planCode(twice), "graph.value");
  Graph wrongSize = network({5, 4}, "Tanh", 1);
  wrongSize.initializers[0].values.pop_back();
  CHECK_EQ(planCode(wrongSize), "graph.value");
  CHECK_EQ(planCode(network({6, 4}, "Tanh", 1), &message), "graph.shape");
  CHECK(message.find("linear1") != std::string::npos);
  CHECK_EQ(planCode(network({5, 4}, "Tanh", 1)), "");
}

TEST(planner_orders_nodes_fuses_and_drops) {
  Graph graph = network({5, 4, 3}, "Relu", 1);
  graph.nodes.push_back(node("unused", "Sigmoid", {"linear1.out"}));
  std::reverse(graph.nodes.begin(), graph.nodes.end());
  const Plan plan = planGraph(graph, {{2, 5}}, 4, ProgramMode::Inference);
  CHECK_EQ(plan.nodes.size(), size_t{2});
  CHECK(plan.nodes[0].activation == Activation::Relu);
  CHECK(plan.nodes[0].wide);
  CHECK(!plan.nodes[1].wide);
  // Its product is read elsewhere too: not fused, and not interleaved since Sigmoid cannot read that.
  Graph branched = network({5, 4, 3}, "Relu", 1);
  branched.nodes.push_back(node("also", "Sigmoid", {"linear1.out"}));
  branched.outputs.push_back({"also.out", {}});
  const Plan both = planGraph(branched, {{2, 5}}, 4, ProgramMode::Inference);
  CHECK_EQ(both.nodes.size(), size_t{4});
  CHECK(both.nodes[0].activation == Activation::None);
  CHECK(!both.nodes[0].wide);
}

TEST(arena_blocks_alive_together_do_not_overlap) {
  Generator generator(3);
  std::vector<ArenaBlock> blocks;
  size_t sum = 0;
  for (int i = 0; i < 60; ++i) {
    const int begin = static_cast<int>(generator.next() % 40);
    blocks.push_back({16 * (1 + generator.next() % 30), begin, begin + static_cast<int>(generator.next() % 10)});
    sum += blocks.back().size;
  }
  const size_t total = layOut(blocks);
  CHECK(total < sum / 2);
  for (const ArenaBlock& a : blocks) {
    CHECK(a.offset + a.size <= total);
    for (const ArenaBlock& b : blocks) {
      const bool together = &a != &b && a.begin <= b.end && b.begin <= a.end;
      CHECK(!together || a.offset + a.size <= b.offset || b.offset + b.size <= a.offset);
    }
  }
}

TEST(inference_runs_several_inputs_and_outputs) {
  Graph graph;
  graph.inputs = {{"a", {-1, 2}}, {"b", {-1, 1}}};
  graph.nodes = {node("product", "Mul", {"a", "b"}), node("same", "Identity", {"b"}),
                 node("flat", "Flatten", {"product.out"}, {numberAttribute("axis", 0)})};
  graph.outputs = {{"product.out", {}}, {"same.out", {}}, {"flat.out", {}}};
  const auto outputs = infer(graph, {{"b", {3, 1}, {1, 2, 3}}, {"a", {3, 2}, {1, 2, 3, 4, 5, 6}}}, 1);
  CHECK(outputs[0].data == (std::vector<float>{1, 2, 6, 8, 15, 18}));
  CHECK(outputs[1].data == (std::vector<float>{1, 2, 3}));
  CHECK(outputs[2].dims == (Shape{1, 6}));
  CHECK(outputs[2].data == outputs[0].data);
}

TEST(planner_refuses_a_reshape_to_sizes_beyond_any_integer) {
  constexpr int64_t kHuge = int64_t{1} << 32;
  CHECK_EQ(shapeOrCode("Reshape", {{2, 4}}, {}, {-1, kHuge, kHuge}), "graph.shape");  // the product would wrap to 0
  CHECK_EQ(shapeOrCode("Reshape", {{2, 4}}, {}, {8, kHuge, kHuge}), "graph.shape");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 4}}, {}, {-1, 3}), "graph.shape");
  CHECK_EQ(shapeOrCode("Reshape", {{2, 4}}, {}, {2, -1, 2}), "[2, 2, 2]");
}

TEST(planner_refuses_shapes_beyond_any_memory) {
  constexpr int64_t kHuge = int64_t{1} << 32;
  // The product of the sizes wraps to 0, the number of values given.
  Graph graph;
  graph.inputs = {{"x", {-1, -1, 2}}};
  graph.nodes.push_back(node("softmax", "Softmax", {"x"}));
  graph.outputs = {{"softmax.out", {-1, -1, 2}}};
  std::string code;
  try {
    infer(graph, {{"x", {kHuge, kHuge / 2, 2}, {}}}, 1);
  } catch (const EngineError& error) {
    code = error.code();
  }
  CHECK_EQ(code, "graph.shape");

  bool refused = false;
  try {
    AlignedBuffer<double> buffer((SIZE_MAX / sizeof(double)) + 2);  // as bytes: 8
  } catch (const std::bad_alloc&) {
    refused = true;
  }
  CHECK(refused);
}

TEST(planner_refuses_an_int64_constant_as_output) {
  Graph graph = network({5, 3}, "", 1);
  graph.initializers.push_back(constant("list", {1, 2}));
  CHECK_EQ(planCode(graph), "");
  graph.outputs.push_back({"list", {2}});
  CHECK_EQ(planCode(graph), "graph.value");
}
