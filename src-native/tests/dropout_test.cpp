#include <cmath>

#include "core/model.h"
#include "core/sample.h"
#include "fixtures.h"
#include "harness.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

constexpr int64_t kRows = 300, kColumns = 301;

/** y = Dropout(x · 1) over a weight that is all ones, so that the output is the factors themselves. */
Graph dropoutGraph(double ratio, std::vector<SampleInput> more = {}, size_t outputs = 1) {
  OperatorSample sample{{input({kRows, kColumns}), constantInput({}, {ratio})}, {}, outputs};
  for (SampleInput& item : more) sample.inputs.push_back(std::move(item));
  Graph graph = sampleGraph(*findOperator("Dropout", Device::Cpu), sample, 1);
  for (float& value : graph.initializers[0].values) value = 1;
  return graph;
}

struct Dropped {
  std::vector<float> y;
  std::vector<float> mask;
  /** Where the gradient of y is all ones. */
  std::vector<float> dx;
};

Dropped run(const Graph& graph, ProgramMode mode, RandomKey key, int threads = 1, int lanes = 1, int lane = 0) {
  Model<float> model(graph, lanes, threads, true);
  const auto program = model.programFor({}, mode);
  model.bind(*program);
  Run step{model.pool(), model.workspace(), LaneSet{lanes, nullptr, lanes}, key};
  program->forward(step);
  const Operand<float>& y = program->output(0);
  Dropped result;
  result.y.assign(y.data(lane), y.data(lane) + y.count);
  if (graph.outputs.size() > 1) {
    const Operand<float>& mask = program->output(1);
    result.mask.assign(mask.data(lane), mask.data(lane) + mask.count);
  }
  if (mode == ProgramMode::Inference) return result;
  for (int i = 0; i < lanes; ++i) std::fill_n(y.gradient(i), y.count, 1.0F);
  program->backward(step);
  const float* dx = model.parameters().all()[0].gradients(lane);
  result.dx.assign(dx, dx + y.count);
  return result;
}

double share(const std::vector<float>& values, float wanted) {
  size_t count = 0;
  for (float value : values) count += value == wanted ? 1 : 0;
  return static_cast<double>(count) / static_cast<double>(values.size());
}

}  // namespace

TEST(dropout_drops_the_share_it_is_told_and_scales_the_rest) {
  for (double ratio : {0.1, 0.5, 0.9}) {
    const Dropped dropped = run(dropoutGraph(ratio), ProgramMode::Training, {7, 3});
    // Five standard deviations of the binomial distribution.
    const double margin = 5 * std::sqrt(ratio * (1 - ratio) / static_cast<double>(kRows * kColumns));
    CHECK(std::fabs(share(dropped.y, 0) - ratio) < margin);
    CHECK(std::fabs(share(dropped.y, static_cast<float>(1 / (1 - static_cast<double>(static_cast<float>(ratio))))) - (1 - ratio)) < margin);
    CHECK(dropped.dx == dropped.y);
  }
}

TEST(dropout_of_neighbours_is_independent) {
  const Dropped dropped = run(dropoutGraph(0.5), ProgramMode::Training, {7, 3});
  for (size_t distance : {size_t{1}, size_t{2}, static_cast<size_t>(kColumns)}) {
    size_t both = 0;
    const size_t pairs = dropped.y.size() - distance;
    for (size_t i = 0; i < pairs; ++i) both += dropped.y[i] == 0 && dropped.y[i + distance] == 0 ? 1 : 0;
    CHECK(std::fabs(static_cast<double>(both) / static_cast<double>(pairs) - 0.25) < 0.01);
  }
}

TEST(dropout_follows_from_seed_step_and_place_alone) {
  const Graph graph = dropoutGraph(0.5);
  const Dropped first = run(graph, ProgramMode::Training, {7, 3});
  CHECK(run(graph, ProgramMode::Training, {7, 3}).y == first.y);
  CHECK(run(graph, ProgramMode::Training, {7, 3}, 3).y == first.y);
  for (int lane : {0, 1, 2}) CHECK(run(graph, ProgramMode::Training, {7, 3}, 2, 3, lane).y == first.y);
  for (RandomKey other : {RandomKey{7, 4}, RandomKey{8, 3}}) {
    const Dropped second = run(graph, ProgramMode::Training, other);
    size_t equal = 0;
    for (size_t i = 0; i < first.y.size(); ++i) equal += first.y[i] == second.y[i] ? 1 : 0;
    CHECK(std::fabs(static_cast<double>(equal) / static_cast<double>(first.y.size()) - 0.5) < 0.01);
  }
}

TEST(dropout_of_two_nodes_differs) {
  Graph graph = dropoutGraph(0.5);
  GraphNode second = graph.nodes[0];
  second.name = "second";
  second.outputs = {"second.out"};
  graph.nodes.push_back(second);
  graph.outputs.push_back({"second.out", {}});
  const Dropped dropped = run(graph, ProgramMode::Training, {7, 3});
  CHECK(dropped.y != dropped.mask);
}

TEST(dropout_does_nothing_but_while_training) {
  const Graph graph = dropoutGraph(0.5);
  CHECK_EQ(share(run(graph, ProgramMode::Inference, {7, 3}).y, 1), 1.0);
  CHECK_EQ(share(run(graph, ProgramMode::Differentiation, {7, 3}).dx, 1), 1.0);
  CHECK_EQ(share(run(dropoutGraph(0), ProgramMode::Training, {7, 3}).y, 1), 1.0);
  const Dropped masked = run(dropoutGraph(0.5, {}, 2), ProgramMode::Inference, {7, 3});
  CHECK_EQ(share(masked.mask, 1), 1.0);
}

TEST(dropout_of_a_graph_that_asks_for_it_drops_in_inference) {
  const Graph graph = dropoutGraph(0.5, {integerInput({}, {1})}, 2);
  const Dropped dropped = run(graph, ProgramMode::Inference, {7, 3});
  CHECK(std::fabs(share(dropped.y, 0) - 0.5) < 0.01);
  CHECK_EQ(share(dropped.mask, 1), share(dropped.y, 2));
  CHECK_EQ(share(dropped.mask, 0), share(dropped.y, 0));
}
