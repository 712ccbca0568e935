#include "../backend.h"
#include "core/sample.h"
#include "parity.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** y = Dropout(x · 1) over a weight that is all ones, so that output and gradient are the factors themselves. More than one block, and an odd size. */
Graph onesGraph(size_t outputs, bool always) {
  OperatorSample sample{{input({33, 301}), constantInput({}, {0.3})}, {number("seed", 4)}, outputs};
  if (always) sample.inputs.push_back(integerInput(Shape{}, {1}));
  Graph graph = sampleGraph(*findOperator("Dropout", Device::Cpu), sample, 1);
  for (float& value : graph.initializers[0].values) value = 1;
  return graph;
}

/** Output, mask and gradient at every step number, one after another, from one program. */
std::vector<std::vector<float>> dropped(const Graph& graph, ProgramMode mode, const std::vector<uint64_t>& steps, DeviceBackend* device) {
  constexpr int kLanes = 2;
  Model<float> model(graph, kLanes, 1, true, device);
  const auto program = model.programFor({}, mode);
  model.bind(*program);
  DeviceBuffer<uint64_t> number;
  if (device) number = DeviceBuffer<uint64_t>(*device, 1);
  std::vector<std::vector<float>> result;
  const auto keep = [&](const float* from, size_t count) {
    result.emplace_back(count);
    if (device) device->copyFrom(result.back().data(), from, count * sizeof(float));
    else std::copy_n(from, count, result.back().begin());
  };
  for (uint64_t step : steps) {
    // On a card the number counts that lies in its memory.
    Run run{model.pool(), model.workspace(), LaneSet{kLanes, nullptr, kLanes}, RandomKey{11, device ? 0 : step}};
    if (device) {
      number.fill(&step);
      run.device.step = number.data();
    }
    program->forward(run);
    for (size_t i = 0; i < graph.outputs.size(); ++i) keep(program->output(static_cast<int>(i)).data(kLanes - 1), 33 * 301);
    if (mode == ProgramMode::Inference) continue;
    const Operand<float>& y = program->output(0);
    const std::vector<float> ones(y.count, 1.0F);
    for (int lane = 0; lane < kLanes; ++lane) {
      if (device) device->copyTo(y.gradient(lane), ones.data(), ones.size() * sizeof(float));
      else std::copy(ones.begin(), ones.end(), y.gradient(lane));
    }
    program->backward(run);
    keep(model.parameters().all()[0].gradients(kLanes - 1), 33 * 301);
  }
  return result;
}

}  // namespace

TEST(cuda_dropout_drops_what_the_processor_drops_bit_for_bit) {
  cuda::CudaBackend device(0);
  for (size_t outputs : {size_t{1}, size_t{2}}) {
    const Graph graph = onesGraph(outputs, false);
    const std::vector<uint64_t> steps{0, 1, 77};
    CHECK(dropped(graph, ProgramMode::Training, steps, nullptr) == dropped(graph, ProgramMode::Training, steps, &device));
  }
  const Graph always = onesGraph(2, true);
  CHECK(dropped(always, ProgramMode::Inference, {0}, nullptr) == dropped(always, ProgramMode::Inference, {0}, &device));
}

TEST(cuda_dropout_drops_anew_where_the_number_of_the_step_has_changed) {
  cuda::CudaBackend device(0);
  const std::vector<std::vector<float>> got = dropped(onesGraph(1, false), ProgramMode::Training, {3, 4, 3}, &device);
  CHECK(got[0] == got[1]);
  CHECK(got[0] != got[2]);
  CHECK(got[2] == got[3]);
  CHECK(got[0] == got[4]);
}
