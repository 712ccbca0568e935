#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "../optimizers/optimizer.h"
#include "max_norm.h"
#include "model.h"

namespace deltalab {

/** A parameter that is updated. */
struct TrainedParameter {
  /** Its place in Parameters::all(). */
  size_t parameter;
  /** Its values of a lane. */
  size_t count;
  /** Of its slots in the memory of the optimizer: [slots][lanes][count], each slot beginning at a multiple of a cache line. */
  size_t offset;
  std::optional<UnitLayout> units;
};

/** What an optimizer updates and what it remembers: the same on the processor and on a device, so that a state fits both. */
struct UpdateLayout {
  /** Of `lanes` lanes, of those with these settings: the layout of some has as many slots as that of all. */
  UpdateLayout(const Model<float>& model, const OptimizerDefinition& optimizer, const std::vector<LaneSettings>& settings, size_t lanes);

  /** Of a state of all lanes the part of those from `first` on, which is laid out by `part`; and back. */
  void take(const float* state, size_t first, const UpdateLayout& part, float* to) const;
  void put(float* state, size_t first, const UpdateLayout& part, const float* from) const;

  size_t lanes;
  /** Values remembered per weight: as many as the most demanding lane needs. */
  size_t slots = 0;
  std::vector<TrainedParameter> trained;
  size_t stateSize = 0;
};

}  // namespace deltalab
