#include "core/levels.h"

#include "harness.h"
#include "trainer_fixtures.h"

// Branches of a network that are computed at a time.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** x, a branch of two products, another one, and a head that reads their sum. The branches begin at `root`, a product if it is not x. */
Graph twoBranches(const std::string& root) {
  Generator generator(3);
  Graph graph;
  graph.name = "branches";
  graph.inputs = {{"x", {-1, 128}}};
  const auto product = [&](const std::string& name, const std::string& from, int64_t inputs, int64_t outputs) {
    graph.initializers.push_back(initializer(name + ".weight", {outputs, inputs}, generator, -0.1F, 0.1F));
    graph.nodes.push_back(node(name, "Gemm", {from, name + ".weight"}, {numberAttribute("transB", 1)}));
  };
  if (root != "x") product("root", "x", 128, 128);
  for (const std::string branch : {"a", "b"}) {
    product(branch + "1", root, 128, branch == "a" ? 160 : 144);
    graph.nodes.push_back(node(branch + "2", "Tanh", {branch + "1.out"}));
    product(branch + "3", branch + "2.out", branch == "a" ? 160 : 144, 96);
  }
  graph.nodes.push_back(node("sum", "Add", {"a3.out", "b3.out"}));
  product("head", "sum.out", 96, 10);
  graph.outputs = {{"head.out", {-1, 10}}};
  return graph;
}

std::string namesOf(const Plan& plan, const Level& level) {
  std::string names;
  for (size_t i = level.begin; i < level.end; ++i) names += (names.empty() ? "" : " ") + plan.nodes[i].node->name;
  return names;
}

std::vector<Level> levelsOf(const Graph& graph, int64_t batch, Plan& plan) {
  plan = planGraph(graph, {{batch, 128}}, 1, ProgramMode::Training);
  return orderByLevels(plan);
}

TrainPlan branchesPlan(const std::string& root, int threads) {
  TrainPlan plan;
  plan.graph = twoBranches(root);
  plan.lanes = {lane(0.05, 0.9)};
  plan.loss = LossKind::CrossEntropy;
  plan.training = samples(230, 128, 10, true, 8);
  plan.validation = samples(70, 128, 10, true, 9);
  plan.batchSize = 64;
  plan.epochs = 3;
  plan.threads = threads;
  return plan;
}

}  // namespace

TEST(levels_hold_what_does_not_depend_on_each_other) {
  Plan plan;
  const Graph graph = twoBranches("x");
  const std::vector<Level> levels = levelsOf(graph, 64, plan);
  CHECK_EQ(levels.size(), size_t{4});
  CHECK_EQ(namesOf(plan, levels[0]), "a1 b1");
  CHECK_EQ(namesOf(plan, levels[1]), "a3 b3");
  CHECK_EQ(namesOf(plan, levels[2]), "sum");
  CHECK_EQ(namesOf(plan, levels[3]), "head");
  CHECK(levels[0].together && levels[0].togetherBackward);
  CHECK(levels[1].together && levels[1].togetherBackward);
  CHECK(!levels[2].together);
}

TEST(levels_of_a_chain_are_its_nodes_in_order) {
  Plan plan = planGraph(network({5, 7, 6, 3}, "Tanh", 1), {{8, 5}}, 1, ProgramMode::Training);
  const std::vector<Level> levels = orderByLevels(plan);
  CHECK_EQ(levels.size(), size_t{3});
  for (const Level& level : levels) CHECK(level.end == level.begin + 1 && !level.together);
}

TEST(levels_go_back_one_by_one_where_branches_add_to_the_same_gradient) {
  Plan plan;
  const Graph graph = twoBranches("root.out");
  const std::vector<Level> levels = levelsOf(graph, 64, plan);
  CHECK_EQ(namesOf(plan, levels[1]), "a1 b1");
  CHECK(levels[1].together && !levels[1].togetherBackward);
  CHECK(levels[2].together && levels[2].togetherBackward);
}

TEST(levels_of_very_small_and_of_large_products_are_left_to_one_thread_and_to_all) {
  Plan plan;
  const Graph graph = twoBranches("x");
  CHECK(!levelsOf(graph, 1, plan)[0].together);
  CHECK(!levelsOf(graph, 1024, plan)[0].together);
}

TEST(levels_do_not_change_a_bit) {
  for (const std::string root : {"x", "root.out"}) {
    const std::vector<uint64_t> alone = runToEnd(branchesPlan(root, 1), 0);
    for (int threads : {2, 3, 7}) CHECK(runToEnd(branchesPlan(root, threads), 0) == alone);
  }
}
