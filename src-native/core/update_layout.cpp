#include "update_layout.h"

#include <algorithm>

namespace deltalab {

UpdateLayout::UpdateLayout(const Model<float>& model, const OptimizerDefinition& optimizer, const std::vector<LaneSettings>& settings, size_t lanes)
    : lanes(lanes) {
  for (const LaneSettings& lane : settings) slots = std::max(slots, optimizer.slots(lane));
  const std::vector<Parameter<float>>& parameters = model.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter<float>& parameter = parameters[i];
    if (!parameter.reached) continue;
    trained.push_back({i, parameter.count, stateSize, unitsOf(model.graph(), parameter.name, parameter.dims)});
    stateSize += slots * alignedCount<float>(parameter.count * lanes);
  }
}

/** f(place in a state of all lanes, place in that of the part, values), slot by slot. */
template <class F>
static void forEachSlot(const UpdateLayout& all, size_t first, const UpdateLayout& part, F f) {
  for (size_t i = 0; i < all.trained.size(); ++i) {
    const size_t count = all.trained[i].count;
    for (size_t slot = 0; slot < all.slots; ++slot) {
      f(all.trained[i].offset + slot * alignedCount<float>(count * all.lanes) + first * count,
        part.trained[i].offset + slot * alignedCount<float>(count * part.lanes), count * part.lanes);
    }
  }
}

void UpdateLayout::take(const float* state, size_t first, const UpdateLayout& part, float* to) const {
  forEachSlot(*this, first, part, [&](size_t place, size_t ofPart, size_t count) { std::copy_n(state + place, count, to + ofPart); });
}

void UpdateLayout::put(float* state, size_t first, const UpdateLayout& part, const float* from) const {
  forEachSlot(*this, first, part, [&](size_t place, size_t ofPart, size_t count) { std::copy_n(from + ofPart, count, state + place); });
}

}  // namespace deltalab
