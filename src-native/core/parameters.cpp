#include "parameters.h"

#include <algorithm>
#include <cstdlib>

#include "errors.h"

namespace deltalab {

namespace {

/** Up to here every whole number is a float. */
constexpr int64_t kMostExact = int64_t{1} << 24;

ParameterKind kindOf(const Initializer& initializer, bool running) {
  if (running) return ParameterKind::Running;
  return initializer.trainable() ? ParameterKind::Trained : ParameterKind::Constant;
}

size_t countOf(const Initializer& initializer) {
  if (initializer.integer) return initializer.integers.size();
  return initializer.values.empty() ? elementCount(initializer.dims) : initializer.values.size();
}

void checkExact(const Initializer& initializer) {
  for (int64_t value : initializer.integers) {
    if (value >= -kMostExact && value <= kMostExact) continue;
    // Ends of a Slice and the like are often the largest int64: read through the NodeContext, they never become T.
    if (value > INT64_MAX / 4 || value < INT64_MIN / 4) continue;
    throw EngineError("graph.value", "The value " + initializer.name + ": " + std::to_string(value) + " is too large to look up",
                      {{"value", initializer.name}, {"node", std::string()}, {"reason", std::string("it is beyond 2^24")}});
  }
}

/** Of every lane; on a device the other lanes' are copies of the first one's. */
template <class T, class Value>
void fill(const std::vector<Value>& initial, Parameter<T>& parameter, int lanes, DeviceBackend* device) {
  const int copies = parameter.perLane() ? lanes : 1;
  if (device) {
    const std::vector<T> values(initial.begin(), initial.end());
    device->copyTo(parameter.values(0), values.data(), parameter.count * sizeof(T));
    for (int done = 1; done < copies; done *= 2) {
      const size_t more = static_cast<size_t>(std::min(done, copies - done));
      device->copyWithin(parameter.values(done), parameter.values(0), more * parameter.count * sizeof(T));
    }
    return;
  }
  for (int lane = 0; lane < copies; ++lane) {
    std::transform(initial.begin(), initial.end(), parameter.values(lane), [](Value value) { return static_cast<T>(value); });
  }
}

}  // namespace

std::vector<bool> runningInitializers(const Graph& graph) {
  std::vector<bool> running(graph.initializers.size(), false);
  for (const GraphNode& node : graph.nodes) {
    const OperatorDefinition* definition = findOperator(node.opType, Device::Cpu);
    if (!definition) continue;
    for (size_t input : definition->running) {
      for (size_t i = 0; input < node.inputs.size() && i < graph.initializers.size(); ++i) {
        if (graph.initializers[i].name == node.inputs[input]) running[i] = true;
      }
    }
  }
  return running;
}

template <class T>
Parameters<T>::Parameters(const Graph& graph, int lanes, bool withGradients, DeviceBackend* device) {
  const std::vector<bool> running = runningInitializers(graph);
  /** Of each, and of the end. */
  std::vector<size_t> offsets{0};
  for (size_t i = 0; i < graph.initializers.size(); ++i) {
    const Initializer& initializer = graph.initializers[i];
    if (initializer.integer) checkExact(initializer);
    Parameter<T> parameter;
    parameter.name = initializer.name;
    parameter.dims = initializer.dims;
    parameter.count = countOf(initializer);
    parameter.kind = kindOf(initializer, running[i]);
    parameter.integer = initializer.integer;
    parameter.storage.laneStride = parameter.perLane() ? parameter.count : 0;
    offsets.push_back(offsets.back() + alignedCount<T>(parameter.count * (parameter.perLane() ? static_cast<size_t>(lanes) : 1)));
    all_.push_back(std::move(parameter));
  }
  values_ = AlignedBuffer<T>(device ? 0 : offsets.back());
  if (withGradients) gradients_ = AlignedBuffer<T>(values_.size());
  for (size_t i = 0; i < all_.size(); ++i) {
    all_[i].storage.data = values_.data() + offsets[i];
    if (withGradients) all_[i].storage.gradient = gradients_.data() + offsets[i];
  }
  if (device) moveTo(*device, offsets, withGradients);
  for (size_t i = 0; i < all_.size(); ++i) {
    const Initializer& initializer = graph.initializers[i];
    if (initializer.integer) fill(initializer.integers, all_[i], lanes, device);
    else fill(initializer.values, all_[i], lanes, device);
  }
}

template <class T>
void Parameters<T>::moveTo(DeviceBackend& device, const std::vector<size_t>& offsets, bool withGradients) {
  deviceValues_ = DeviceBuffer<T>(device, offsets.back());
  if (withGradients) deviceGradients_ = DeviceBuffer<T>(device, offsets.back());
  for (size_t i = 0; i < all_.size(); ++i) {
    all_[i].storage.data = deviceValues_.data() + offsets[i];
    if (withGradients) all_[i].storage.gradient = deviceGradients_.data() + offsets[i];
  }
}

template class Parameters<float>;
template class Parameters<double>;

}  // namespace deltalab
