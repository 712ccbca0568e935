#pragma once

#include <string>
#include <vector>

#include "device_backend.h"
#include "graph.h"
#include "memory.h"
#include "operator.h"

namespace deltalab {

enum class ParameterKind {
  /** The same for all lanes, as in the graph. */
  Constant,
  /** Moved by the optimizer. */
  Trained,
  /** Overwritten while training, without a gradient: running statistics. */
  Running,
};

/** Which initializers are running statistics: those at OperatorDefinition::running of some node. */
std::vector<bool> runningInitializers(const Graph& graph);

/** An initializer in the engine: [lanes][count], or one copy where it is constant. */
template <class T>
struct Parameter {
  std::string name;
  Shape dims;
  size_t count = 0;
  ParameterKind kind = ParameterKind::Constant;
  /** int64 in the graph: whole numbers, for operators that look things up. Not a weight. */
  bool integer = false;
  /** Whether the loss depends on it: set when a training program is built. Others are never updated. */
  bool reached = false;
  Storage<T> storage;

  /** Lanes have values of their own. */
  bool perLane() const { return kind != ParameterKind::Constant; }
  T* values(int lane) const { return storage.data + static_cast<size_t>(lane) * storage.laneStride; }
  T* gradients(int lane) const { return storage.gradient + static_cast<size_t>(lane) * storage.laneStride; }
};

/** The weights of all lanes (and their gradients), contiguous and aligned, where the programs that read them live. Copies of the graph's initial values. */
template <class T>
class Parameters {
 public:
  /** In the memory of `device`, if there is one. Throws 'graph.value' when an int64 value is too large to be exact as T. */
  Parameters(const Graph& graph, int lanes, bool withGradients, DeviceBackend* device = nullptr);

  std::vector<Parameter<T>>& all() { return all_; }
  const std::vector<Parameter<T>>& all() const { return all_; }
  Parameter<T>& ofInitializer(int index) { return all_[static_cast<size_t>(index)]; }

 private:
  void moveTo(DeviceBackend& device, const std::vector<size_t>& offsets, bool withGradients);

  /** In the order of the graph's initializers. */
  std::vector<Parameter<T>> all_;
  AlignedBuffer<T> values_;
  AlignedBuffer<T> gradients_;
  DeviceBuffer<T> deviceValues_;
  DeviceBuffer<T> deviceGradients_;
};

extern template class Parameters<float>;
extern template class Parameters<double>;

}  // namespace deltalab
