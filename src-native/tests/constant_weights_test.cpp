#include "core/constant_weights.h"

#include <cstring>

#include "core/model.h"
#include "fixtures.h"
#include "harness.h"

// A model that is only run computes the bits of one that trains, though its weights lie otherwise.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

std::vector<float> outputOf(const Graph& graph, size_t batch, size_t features, bool training) {
  Model<float> model(graph, 1, 1, training);
  Program<float>& program = model.program(batch, ProgramMode::Inference);
  std::vector<float> inputs(batch * features);
  Generator generator(5);
  generator.uniform(inputs.data(), inputs.size(), -1, 1);
  program.setInput(0, inputs.data());
  Run run{model.pool(), model.workspace(), LaneSet{}};
  program.forward(run);
  const Operand<float>& output = program.output(0);
  return std::vector<float>(output.data(0), output.data(0) + output.count);
}

}  // namespace

TEST(constant_weights_give_the_same_bits) {
  for (size_t batch : {1, 3, 64, 130}) {
    for (int64_t features : {5, 600}) {
      const Graph graph = network({features, 37, 3}, "Tanh", 1);
      const auto run = outputOf(graph, batch, static_cast<size_t>(features), false);
      const auto trained = outputOf(graph, batch, static_cast<size_t>(features), true);
      CHECK(run.size() == trained.size() && std::memcmp(run.data(), trained.data(), run.size() * sizeof(float)) == 0);
    }
  }
}

TEST(constant_weights_that_others_read_stay) {
  Graph graph = network({4, 4, 4}, "Relu", 1);
  const auto shapesOf = [](const Graph& given) {
    std::vector<Shape> shapes;
    for (const Initializer& initializer : given.initializers) shapes.push_back(initializer.dims);
    return shapes;
  };
  CHECK(withReadableWeights(graph).nodes[0].attributes[0].number == 0);
  // Shared by two products: turning it for one would turn it for both.
  graph.nodes[2].inputs[1] = graph.nodes[0].inputs[1];
  const Graph shared = withReadableWeights(graph);
  CHECK(shapesOf(shared) == shapesOf(graph));
  CHECK(shared.nodes[0].attributes[0].number == 1);
}
