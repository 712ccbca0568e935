#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "graph.h"
#include "memory.h"
#include "operator.h"

namespace deltalab {

/** A float initializer in the engine: [lanes][count] where it is trainable, one copy where it is frozen. */
template <class T>
struct Parameter {
  std::string name;
  Shape dims;
  size_t count = 0;
  bool trainable = false;
  /** Whether the loss depends on it: set when a training program is built. Others are never updated. */
  bool reached = false;
  Storage<T> storage;

  T* values(int lane) const { return storage.data + static_cast<size_t>(lane) * storage.laneStride; }
  T* gradients(int lane) const { return storage.gradient + static_cast<size_t>(lane) * storage.laneStride; }
};

/** The weights of all lanes (and their gradients), contiguous and aligned. Copies of the graph's initial values. */
template <class T>
class Parameters {
 public:
  Parameters(const Graph& graph, int lanes, bool withGradients) : ofInitializer_(graph.initializers.size(), -1) {
    std::vector<size_t> offsets;
    size_t total = 0;
    for (size_t i = 0; i < graph.initializers.size(); ++i) {
      const Initializer& initializer = graph.initializers[i];
      if (initializer.integer) continue;
      Parameter<T> parameter;
      parameter.name = initializer.name;
      parameter.dims = initializer.dims;
      parameter.count = initializer.values.size();
      parameter.trainable = initializer.trainable();
      parameter.storage.laneStride = parameter.trainable ? parameter.count : 0;
      ofInitializer_[i] = static_cast<int>(all_.size());
      offsets.push_back(total);
      total += alignedCount<T>(parameter.count * (parameter.trainable ? static_cast<size_t>(lanes) : 1));
      all_.push_back(std::move(parameter));
    }
    values_ = AlignedBuffer<T>(total);
    if (withGradients) gradients_ = AlignedBuffer<T>(total);
    for (size_t i = 0; i < all_.size(); ++i) {
      all_[i].storage.data = values_.data() + offsets[i];
      if (withGradients) all_[i].storage.gradient = gradients_.data() + offsets[i];
    }
    for (size_t i = 0; i < graph.initializers.size(); ++i) {
      if (ofInitializer_[i] < 0) continue;
      const Parameter<T>& parameter = all_[static_cast<size_t>(ofInitializer_[i])];
      const std::vector<float>& initial = graph.initializers[i].values;
      for (int lane = 0; lane < (parameter.trainable ? lanes : 1); ++lane) {
        std::copy(initial.begin(), initial.end(), parameter.values(lane));
      }
    }
  }

  std::vector<Parameter<T>>& all() { return all_; }
  const std::vector<Parameter<T>>& all() const { return all_; }
  Parameter<T>& ofInitializer(int index) { return all_[static_cast<size_t>(ofInitializer_[static_cast<size_t>(index)])]; }

 private:
  std::vector<int> ofInitializer_;
  std::vector<Parameter<T>> all_;
  AlignedBuffer<T> values_;
  AlignedBuffer<T> gradients_;
};

}  // namespace deltalab
