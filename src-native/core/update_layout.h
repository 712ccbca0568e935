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
  /** Of its slots in the memory of the optimizer: [slots][lanes][count], each slot beginning at a multiple of a cache line. */
  size_t offset;
  std::optional<UnitLayout> units;
};

/** What an optimizer updates and what it remembers: the same on the processor and on a device, so that a state fits both. */
struct UpdateLayout {
  UpdateLayout(const Model<float>& model, const OptimizerDefinition& optimizer, const std::vector<LaneSettings>& lanes);

  size_t lanes;
  /** Values remembered per weight: as many as the most demanding lane needs. */
  size_t slots = 0;
  std::vector<TrainedParameter> trained;
  size_t stateSize = 0;
};

}  // namespace deltalab
