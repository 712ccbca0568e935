#include "../backend.h"
#include "core/sample.h"
#include "parity.h"

// Sizes that samples do not have: rows and channels beyond a warp, a block and a piece of a sum, more columns than a block takes; and what only
// training on a card shows.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

Graph graphOf(const char* opType, OperatorSample sample) { return sampleGraph(*findOperator(opType, Device::Cpu), sample, 7); }

void compareEverywhere(const std::string& name, const Graph& graph) {
  cuda::CudaBackend device(0);
  for (ProgramMode mode : {ProgramMode::Training, ProgramMode::Differentiation, ProgramMode::Inference}) {
    compareWithProcessor(name + ", mode " + std::to_string(static_cast<int>(mode)), graph, graph.outputs.size(), 2, mode, device);
  }
}

/** Where the mode changes nothing. */
void compare(const std::string& name, const Graph& graph) {
  cuda::CudaBackend device(0);
  compareWithProcessor(name, graph, graph.outputs.size(), 2, ProgramMode::Training, device);
}

Graph batchGraph(const Shape& x, std::vector<Attribute> attributes = {}, size_t outputs = 1) {
  const size_t channels = static_cast<size_t>(x[1]);
  std::vector<double> means(channels), variances(channels);
  for (size_t i = 0; i < channels; ++i) {
    means[i] = 0.1 * static_cast<double>(i % 7) - 0.3;
    variances[i] = 0.5 + 0.2 * static_cast<double>(i % 5);
  }
  const Shape each{x[1]};
  return graphOf("BatchNormalization",
                 {{input(x), input(each), input(each), constantInput(each, means), constantInput(each, variances)}, std::move(attributes), outputs});
}

/** The graph with an activation of its first output. */
Graph activated(Graph graph, const char* opType) {
  GraphNode node;
  node.name = "activation";
  node.opType = opType;
  node.inputs = {graph.outputs[0].name};
  node.outputs = {"activated"};
  graph.nodes.push_back(node);
  graph.outputs = {{"activated", graph.outputs[0].dims}};
  return graph;
}

}  // namespace

TEST(cuda_batch_normalization_of_any_shape_equals_the_processor) {
  for (const Shape& shape : {Shape{2, 3}, Shape{1100, 35}, Shape{40, 3, 2}, Shape{310, 3, 5}, Shape{5, 2, 4001}, Shape{3, 9, 7, 5}}) {
    compareEverywhere("BatchNormalization of " + toText(shape), batchGraph(shape));
  }
  compareEverywhere("BatchNormalization with its outputs", batchGraph({30, 5, 3}, {number("training_mode", 1), number("momentum", 0.7)}, 3));
}

TEST(cuda_batch_normalization_applies_the_activation_that_follows) {
  for (const char* opType : {"Relu", "Sigmoid", "LeakyRelu"}) compareEverywhere(opType, activated(batchGraph({33, 34}), opType));
  compareEverywhere("Relu of pictures", activated(batchGraph({4, 3, 5, 5}), "Relu"));
}

TEST(cuda_rows_of_any_length_and_number_are_normalised_as_by_the_processor) {
  for (const Shape& shape : {Shape{2, 1}, Shape{3, 33}, Shape{5, 1025}, Shape{1, 20001}, Shape{530, 34}}) {
    const Shape row{shape[1]};
    compare("LayerNormalization of " + toText(shape), graphOf("LayerNormalization", {{input(shape), input(row), input(row)}, {}, 3}));
  }
  for (const Shape& shape : {Shape{3, 6, 41}, Shape{2, 6, 11, 63}, Shape{40, 4, 1}}) {
    const Shape each{shape[1]};
    compare("GroupNormalization of " + toText(shape),
            graphOf("GroupNormalization", {{input(shape), input(each), input(each)}, {number("num_groups", 2)}}));
    if (shape[2] == 1) continue;
    compare("InstanceNormalization of " + toText(shape), graphOf("InstanceNormalization", {{input(shape), input(each), input(each)}}));
  }
}

TEST(cuda_gradients_of_mean_and_deviation_alone_reach_the_input) {
  for (size_t output : {size_t{1}, size_t{2}}) {
    Graph graph = graphOf("LayerNormalization", {{input({3, 2, 40}), input({40}), input({40})}, {}, 3});
    graph.outputs = {graph.outputs[output]};
    compare("output " + std::to_string(output), graph);
  }
}

TEST(cuda_rows_far_from_zero_keep_their_variance) {
  // All far away but the first, from which distances are taken.
  Graph graph = graphOf("LayerNormalization", {{input({2, 3000}), input({3000}), input({3000})}, {}, 3});
  std::vector<float>& x = graph.initializers[0].values;
  for (size_t i = 0; i < x.size(); ++i) x[i] = i % 3000 == 0 ? 0.0F : 4096.0F + 64.0F * x[i];
  cuda::CudaBackend device(0);
  compareWithProcessor("far from zero", graph, 3, 1, ProgramMode::Differentiation, device);
}

TEST(cuda_frozen_lanes_keep_their_running_statistics) {
  cuda::CudaBackend device(0);
  const Graph graph = batchGraph({6, 3, 4}, {number("momentum", 0.8)});
  const unsigned char active[] = {1, 0, 1};
  const auto statistics = [&](DeviceBackend* backend) {
    Model<float> model(graph, 3, 1, true, backend);
    const auto program = model.programFor({}, ProgramMode::Training);
    model.bind(*program);
    Run run{model.pool(), model.workspace(), LaneSet{3, active, 2}};
    DeviceBuffer<unsigned char> onDevice;
    if (backend) {
      onDevice = DeviceBuffer<unsigned char>(*backend, 3);
      onDevice.fill(active);
      run.device.active = onDevice.data();
    }
    program->forward(run);
    std::vector<std::vector<float>> values;
    for (size_t which : {size_t{3}, size_t{4}}) {
      for (int lane = 0; lane < 3; ++lane) {
        const Parameter<float>& parameter = model.parameters().all()[which];
        values.emplace_back(parameter.count);
        if (backend) backend->copyFrom(values.back().data(), parameter.values(lane), parameter.count * sizeof(float));
        else std::copy_n(parameter.values(lane), parameter.count, values.back().begin());
      }
    }
    return values;
  };
  const std::vector<std::vector<float>> wanted = statistics(nullptr), got = statistics(&device);
  for (size_t i = 0; i < wanted.size(); ++i) CHECK(near(wanted[i], got[i]));
  CHECK(got[1] == graph.initializers[3].values);
  CHECK(got[4] == graph.initializers[4].values);
  CHECK(got[0] != graph.initializers[3].values);
  CHECK(got[5] != graph.initializers[4].values);
}
