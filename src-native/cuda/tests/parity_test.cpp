#include "parity.h"

#include <algorithm>

#include "../backend.h"
#include "core/sample.h"

// Every operator that the cards have, against the processor: outputs and gradients of every sample, for one lane and for three with weights of
// their own. Walks the table, so that a new kernel is covered by being listed.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

bool contains(const std::vector<size_t>& all, size_t one) { return std::find(all.begin(), all.end(), one) != all.end(); }

/** The same with inputs that are computed (-(-x)), whose place in memory is not known when a step is made. */
Graph withComputedInputs(Graph graph, const OperatorDefinition& definition) {
  GraphNode last = graph.nodes[0];
  std::vector<GraphNode> nodes;
  for (size_t i = 0; i < last.inputs.size(); ++i) {
    std::string& name = last.inputs[i];
    const auto found = std::find_if(graph.initializers.begin(), graph.initializers.end(), [&](const Initializer& each) { return each.name == name; });
    if (found == graph.initializers.end() || !found->trainable()) continue;
    if (definition.takesConstant(i) || definition.takesIndices(i) || contains(definition.running, i)) continue;
    nodes.push_back({name + ".once", "Neg", {name}, {name + ".negative"}, {}});
    nodes.push_back({name + ".twice", "Neg", {name + ".negative"}, {name + ".computed"}, {}});
    name += ".computed";
  }
  nodes.push_back(std::move(last));
  graph.nodes = std::move(nodes);
  return graph;
}

void compareOperator(const OperatorDefinition& definition, DeviceBackend& device) {
  for (int64_t batch : {1, 3}) {
    const std::vector<OperatorSample> samples = definition.samples(batch);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Graph graph = sampleGraph(definition, samples[i], 100 + i);
      const std::string name = std::string(definition.opType) + ", sample " + std::to_string(i) + ", batch " + std::to_string(batch);
      for (int lanes : {1, 3}) {
        const std::string ofLanes = name + ", lanes " + std::to_string(lanes);
        for (ProgramMode mode : {ProgramMode::Training, ProgramMode::Inference}) {
          compareWithProcessor(ofLanes, graph, samples[i].outputs, lanes, mode, device);
          compareWithProcessor(ofLanes + ", computed inputs", withComputedInputs(graph, definition), samples[i].outputs, lanes, mode, device);
        }
      }
    }
  }
}

}  // namespace

TEST(cuda_operators_equal_those_of_the_processor) {
  cuda::CudaBackend device(0);
  size_t compared = 0;
  for (const OperatorDefinition* definition : allOperators()) {
    if (definition->view() || !device.has(definition->opType)) continue;
    compareOperator(*definition, device);
    ++compared;
  }
  CHECK(compared > 0);
}

TEST(cuda_comparison_notices_a_difference) {
  CHECK(near({1, 2, 3}, {1, 2, 3.00001F}));
  CHECK(!near({1, 2, 3}, {1, 2, 3.001F}));
  CHECK(!near({1, 2, 3}, {1, 2, std::nanf("")}));
}
