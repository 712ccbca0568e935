#include "update_layout.h"

#include <algorithm>

namespace deltalab {

UpdateLayout::UpdateLayout(const Model<float>& model, const OptimizerDefinition& optimizer, const std::vector<LaneSettings>& settings)
    : lanes(settings.size()) {
  for (const LaneSettings& lane : settings) slots = std::max(slots, optimizer.slots(lane));
  const std::vector<Parameter<float>>& parameters = model.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter<float>& parameter = parameters[i];
    if (!parameter.reached) continue;
    trained.push_back({i, stateSize, unitsOf(model.graph(), parameter.name, parameter.dims)});
    stateSize += slots * alignedCount<float>(parameter.count * lanes);
  }
}

}  // namespace deltalab
