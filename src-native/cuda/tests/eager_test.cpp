#include <cmath>
#include <map>
#include <memory>

#include "../backend.h"
#include "core/errors.h"
#include "core/sample.h"
#include "eager/device_heap.h"
#include "optimizers/optimizer.h"
#include "parity.h"
#include "tests/eager_fixtures.h"

// Operators and optimizers run by themselves on a card, and the memory for that: what the scratchpad computes with.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

using Lists = std::vector<std::vector<float>>;

/** Arrays in the memory of a device; an empty one is none. */
class Arrays {
 public:
  Arrays(DeviceBackend& device, const Lists& values) {
    for (const std::vector<float>& each : values) {
      buffers_.emplace_back(device, each.size());
      if (!each.empty()) buffers_.back().fill(each.data());
    }
  }
  std::vector<float*> pointers() const {
    std::vector<float*> all;
    for (const DeviceBuffer<float>& buffer : buffers_) all.push_back(buffer.data());
    return all;
  }
  Lists read() const {
    Lists values;
    for (const DeviceBuffer<float>& buffer : buffers_) {
      values.emplace_back(buffer.size());
      if (buffer.size() != 0) buffer.read(values.back().data());
    }
    return values;
  }

 private:
  std::vector<DeviceBuffer<float>> buffers_;
};

/** An operator of a sample on a device or, without one, on the processor. */
class Trying {
 public:
  Trying(const Graph& graph, const OperatorDefinition& definition, DeviceBackend* device)
      : device_(device), op_(eagerRequestOf(graph, definition), device) {
    for (size_t i = 0; i < graph.nodes[0].inputs.size(); ++i) {
      const Initializer* given = initializerNamed(graph, graph.nodes[0].inputs[i]);
      inputs.push_back(given && op_.inputElements(i) > 0 ? valuesOf<float>(*given) : std::vector<float>());
      inputGradients.emplace_back(op_.needsGradient(i) ? op_.inputElements(i) : 0, 77.0F);
    }
    for (size_t i = 0; i < op_.outputCount(); ++i) outputs.emplace_back(op_.outputElements(i), 77.0F);
  }

  void forward(Run& run, uint64_t call, const Lists& from, Lists& to) {
    using_({from, to}, [&](auto& lists) { op_.forward(run, call, lists[0].data(), lists[1].data()); }, {nullptr, &to});
  }

  /** Leaves the gradients of the outputs, which it may overwrite on the processor alone, as they are. */
  void backward(Run& run, uint64_t call) {
    Lists gradients;
    for (const std::vector<float>& output : outputs) gradients.push_back(seedGradient<float>(output.size()));
    const Lists before = gradients;
    using_({inputs, outputs, gradients, inputGradients},
           [&](auto& lists) { op_.backward(run, call, lists[0].data(), lists[1].data(), lists[2].data(), lists[3].data()); },
           {nullptr, nullptr, &gradients, &inputGradients});
    if (device_) CHECK(gradients == before);
  }

  Lists inputs, outputs, inputGradients;

 private:
  /** f(the memory of each list); what came of some of them is read. */
  template <class F>
  void using_(std::vector<Lists> lists, F&& f, const std::vector<Lists*>& results) {
    std::vector<std::vector<float*>> pointers;
    std::vector<Arrays> arrays;
    for (Lists& list : lists) {
      if (device_) {
        arrays.emplace_back(*device_, list);
        pointers.push_back(arrays.back().pointers());
      } else {
        pointers.emplace_back();
        for (std::vector<float>& each : list) pointers.back().push_back(each.empty() ? nullptr : each.data());
      }
    }
    f(pointers);
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i]) *results[i] = device_ ? arrays[i].read() : lists[i];
    }
  }

  DeviceBackend* device_;
  EagerOperator<float> op_;
};

bool allNear(const Lists& a, const Lists& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (!near(a[i], b[i])) return false;
  }
  return a.size() == b.size();
}

}  // namespace

/** Every sample of every operator: as on the processor, and with another call in between that leaves nothing behind. */
TEST(cuda_eager_operators_equal_those_of_the_processor) {
  cuda::CudaBackend device(0);
  ThreadPool pool(1);
  Workspace workspace;
  Run run{pool, workspace, LaneSet{}};
  for (const OperatorDefinition* definition : allOperators()) {
    const std::vector<OperatorSample> samples = definition->samples(3);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Graph graph = sampleGraph(*definition, samples[i], 100 + i);
      const std::string name = std::string(definition->opType) + ", sample " + std::to_string(i);
      Trying host(graph, *definition, nullptr), card(graph, *definition, &device), mixed(graph, *definition, &device);
      host.forward(run, 1, host.inputs, host.outputs);
      host.backward(run, 1);
      card.forward(run, 1, card.inputs, card.outputs);
      card.backward(run, 1);
      if (!allNear(host.outputs, card.outputs)) fail(name.c_str(), 0, "an output differs");
      if (!allNear(host.inputGradients, card.inputGradients)) fail(name.c_str(), 0, "a gradient differs");

      mixed.forward(run, 1, mixed.inputs, mixed.outputs);
      Lists others = mixed.inputs, unused = mixed.outputs;
      for (size_t input = 0; input < others.size(); ++input) {
        if (!definition->takesIndices(input)) std::reverse(others[input].begin(), others[input].end());
      }
      mixed.forward(run, 2, others, unused);
      mixed.backward(run, 1);
      if (mixed.inputGradients != card.inputGradients) fail(name.c_str(), 0, "a call in between changed a gradient");
    }
  }
}

/** Three steps of every optimizer, with all it may remember, against its update on the processor. */
TEST(cuda_updates_of_one_tensor_equal_those_of_the_processor) {
  cuda::CudaBackend device(0);
  LaneSettings plain;
  plain.weightDecay = 0.01;
  LaneSettings all = plain;
  all.momentum = 0.9;
  all.nesterov = all.amsgrad = all.centered = true;
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    for (const LaneSettings& settings : {plain, all}) {
      for (bool maximize : {false, true}) {
        const size_t slots = optimizer->slots(settings), count = 300;
        std::vector<float> weights(count);
        Generator(4).uniform(weights.data(), count, -1, 1);
        Lists kept(slots, std::vector<float>(count, 0.0F));
        Arrays arrays(device, {weights, weights, weights});
        Arrays keptThere(device, kept);
        const std::vector<float*> values = arrays.pointers();
        float *from = values[0], *to = values[2];
        for (int64_t number = 1; number <= 3; ++number) {
          std::vector<float> gradient(count);
          Generator(static_cast<uint64_t>(number)).uniform(gradient.data(), count, -1, 1);
          device.copyTo(values[1], gradient.data(), count * sizeof(float));
          device.wait();
          TensorUpdate work{from, values[1], to, {}, count, maximize};
          for (size_t slot = 0; slot < slots; ++slot) work.slots[slot] = keptThere.pointers()[slot];
          device.updateTensor(optimizer->kind, {settings, 0.1, number}, work);
          std::swap(from, to);

          if (maximize) {
            for (float& value : gradient) value = -value;
          }
          UpdateChunk chunk{weights.data(), gradient.data(), {}, count};
          for (size_t slot = 0; slot < slots; ++slot) chunk.slots[slot] = kept[slot].data();
          optimizer->update({settings, 0.1, number}, chunk);
        }
        std::vector<float> moved(count);
        device.copyFrom(moved.data(), from, count * sizeof(float));
        if (!near(weights, moved)) fail(optimizer->name, maximize, "other weights");
        if (!allNear(kept, keptThere.read())) fail(optimizer->name, maximize, "other memory");
      }
    }
  }
}

TEST(cuda_fills_arrays_with_a_number) {
  cuda::CudaBackend device(0);
  DeviceBuffer<float> buffer(device, 1000);
  device.fill(buffer.data(), 999, 2.5F);
  std::vector<float> values(1000);
  buffer.read(values.data());
  for (size_t i = 0; i < 999; ++i) CHECK_EQ(values[i], 2.5F);
  CHECK_EQ(values[999], 0.0F);
}

TEST(cuda_heap_uses_memory_again) {
  cuda::CudaBackend device(0);
  DeviceHeap heap(device);
  for (size_t count : {size_t{1}, size_t{128}, size_t{129}, size_t{1000}, size_t{300000}}) {
    const size_t bytes = DeviceHeap::blockBytes(count);
    CHECK(bytes >= count * sizeof(float));
    CHECK(bytes <= 512 || bytes <= count * sizeof(float) * 9 / 8 + 64);
  }
  float* first = heap.allocate(1000);
  CHECK_EQ(heap.used(), DeviceHeap::blockBytes(1000));
  heap.release(first, 1000);
  CHECK_EQ(heap.used(), size_t{0});
  CHECK(heap.held() > 0);
  CHECK(heap.allocate(999) == first);
  heap.release(first, 999);
  heap.trim();
  CHECK_EQ(heap.held(), size_t{0});
}
