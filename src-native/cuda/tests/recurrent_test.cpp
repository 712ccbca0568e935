#include "../backend.h"
#include "core/sample.h"
#include "parity.h"

// What the samples of LSTM, GRU and RNN leave out: sequences that end early, inputs by sample (layout 1), sizes beyond a tile, gradients of the last
// states alone, and memory that inference takes in turns.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Kind {
  const char* opType;
  int64_t gates;
  size_t outputs;
};
constexpr Kind kKinds[] = {{"LSTM", 4, 3}, {"GRU", 3, 2}, {"RNN", 1, 2}};

struct Sizes {
  int64_t steps, batch, features, hidden;
};

/** A bidirectional node with all states given; of an LSTM with peepholes. */
Graph recurrentGraph(const Kind& kind, const Sizes& sizes, bool byHand, std::vector<Attribute> attributes) {
  const auto [steps, batch, features, hidden] = sizes;
  const int64_t width = kind.gates * hidden;
  bool batchFirst = false;
  for (const Attribute& attribute : attributes) batchFirst = batchFirst || (attribute.name == "layout" && attribute.number == 1);
  const Shape x = batchFirst ? Shape{batch, steps, features} : Shape{steps, batch, features};
  const Shape state = batchFirst ? Shape{batch, 2, hidden} : Shape{2, batch, hidden};
  std::vector<double> lengths;
  for (int64_t i = 0; i < batch; ++i) lengths.push_back(static_cast<double>(i % (steps + 1)));
  OperatorSample sample{{input(x, -1, 1), input({2, width, features}, -1, 1), input({2, width, hidden}, -1, 1), input({2, 2 * width}, -1, 1),
                         byHand ? integerInput(lengths) : omittedInput(), input(state, -1, 1)},
                        std::move(attributes),
                        kind.outputs};
  if (kind.gates == 4) {
    sample.inputs.push_back(input(state, -1, 1));
    sample.inputs.push_back(input({2, 3 * hidden}, -1, 1));
  }
  sample.attributes.push_back(text("direction", "bidirectional"));
  sample.attributes.push_back(number("hidden_size", static_cast<double>(hidden)));
  return sampleGraph(*findOperator(kind.opType, Device::Cpu), sample, 5);
}

void compareEverywhere(const std::string& name, const Graph& graph) {
  cuda::CudaBackend device(0);
  for (ProgramMode mode : {ProgramMode::Training, ProgramMode::Inference}) {
    compareWithProcessor(name + (mode == ProgramMode::Training ? ", training" : ", inference"), graph, graph.outputs.size(), 2, mode, device);
  }
}

/** The ways of a kind: both places of a GRU's reset gate. */
std::vector<std::vector<Attribute>> waysOf(const Kind& kind) {
  if (kind.gates == 3) return {{number("linear_before_reset", 0)}, {number("linear_before_reset", 1)}};
  return {{}};
}

}  // namespace

TEST(cuda_recurrent_layers_keep_the_state_of_sequences_that_are_over) {
  for (const Kind& kind : kKinds) {
    for (int layout : {0, 1}) {
      for (std::vector<Attribute> attributes : waysOf(kind)) {
        attributes.push_back(number("layout", layout));
        compareEverywhere(std::string(kind.opType) + ", layout " + std::to_string(layout), recurrentGraph(kind, {4, 6, 2, 3}, true, attributes));
      }
    }
  }
}

TEST(cuda_recurrent_layers_beyond_a_tile_equal_the_processor) {
  cuda::CudaBackend device(0);
  for (const Kind& kind : kKinds) {
    for (const std::vector<Attribute>& attributes : waysOf(kind)) {
      compareWithProcessor(kind.opType, recurrentGraph(kind, {2, 34, 17, 35}, false, attributes), kind.outputs, 2, ProgramMode::Training, device);
      // More than 1024 moments of samples: sums over them are made in pieces.
      const Graph longGraph = recurrentGraph(kind, {43, 25, 2, 3}, false, attributes);
      compareWithProcessor(std::string(kind.opType) + ", long", longGraph, kind.outputs, 1, ProgramMode::Training, device);
    }
  }
}

TEST(cuda_recurrent_layers_take_the_gradients_of_their_last_states_alone) {
  for (const Kind& kind : kKinds) {
    for (size_t output = 1; output < kind.outputs; ++output) {
      Graph graph = recurrentGraph(kind, {4, 3, 2, 3}, false, {});
      graph.outputs = {graph.outputs[output]};
      graph.nodes[0].outputs[0].clear();
      compareEverywhere(std::string(kind.opType) + ", output " + std::to_string(output), graph);
    }
  }
}
