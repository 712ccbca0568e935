#include "../backend.h"
#include "core/sample.h"
#include "parity.h"

// Layers whose input all lanes share, as that of a network: their lanes are multiplied as one.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

void compareFirstLayer(const std::string& name, const char* opType, const OperatorSample& sample) {
  Graph graph = sampleGraph(*findOperator(opType, Device::Cpu), sample, 3);
  graph.initializers[0].frozen = true;
  cuda::CudaBackend device(0);
  for (int lanes : {3, 20}) compareWithProcessor(name, graph, sample.outputs, lanes, ProgramMode::Training, device);
  const Answers alone = Trial(graph, 1, ProgramMode::Training, &device).run(sample.outputs, true);
  const Answers together = Trial(graph, 20, ProgramMode::Training, &device).run(sample.outputs, true);
  CHECK(together.outputs[0] == alone.outputs[0]);
  for (size_t i = 0; i < alone.gradients.size(); ++i) CHECK(together.gradients[i * 20] == alone.gradients[i]);
}

}  // namespace

TEST(cuda_first_layers_of_many_lanes_equal_those_of_the_processor) {
  compareFirstLayer("Gemm", "Gemm", {{input({21, 13}), input({13, 11}), input({11})}});
  compareFirstLayer("Gemm, turned weights", "Gemm", {{input({21, 13}), input({11, 13}), input({11})}, {number("transB", 1)}});
  compareFirstLayer("Gemm, many rows", "Gemm", {{input({1030, 5}), input({7, 5})}, {number("transB", 1)}});
  compareFirstLayer("MatMul", "MatMul", {{input({3, 7, 13}), input({13, 11})}});
}

TEST(cuda_first_convolutions_of_many_lanes_equal_those_of_the_processor) {
  compareFirstLayer("Conv", "Conv", {{input({3, 2, 9, 8}), input({5, 2, 3, 3}), input({5})}, {numbers("pads", {1, 0, 1, 2})}});
  compareFirstLayer("Conv of groups, in pieces", "Conv", {{input({3, 4, 20, 19}), input({6, 2, 3, 2}), input({6})}, {number("group", 2)}});
  compareFirstLayer("ConvTranspose", "ConvTranspose", {{input({2, 4, 6, 5}), input({4, 3, 3, 3}), input({6})},
                                                       {number("group", 2), numbers("strides", {2, 2})}});
}

TEST(cuda_first_recurrent_layers_of_many_lanes_equal_those_of_the_processor) {
  for (int layout : {0, 1}) {
    compareFirstLayer("LSTM, layout " + std::to_string(layout), "LSTM",
                      {{input({4, 5, 3}, -1, 1), input({1, 24, 3}, -1, 1), input({1, 24, 6}, -1, 1), input({1, 48}, -1, 1)},
                       {number("hidden_size", 6), number("layout", layout)},
                       3});
  }
}
