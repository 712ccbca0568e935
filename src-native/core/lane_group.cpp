#include "lane_group.h"

#include <algorithm>

#include "trainer_check.h"

namespace deltalab {

LaneSet LaneGroup::of(const LaneSet& all) const {
  const int lanes = model.lanes();
  if (!all.active) return {lanes, nullptr, lanes};
  const unsigned char* const active = all.active + first;
  return {lanes, active, static_cast<int>(std::count_if(active, active + lanes, [](unsigned char each) { return each != 0; }))};
}

void LaneGroup::prepare(const TrainPlan& plan, const Scoring& scoring) {
  if (training) {
    training->prepare(plan, scoring);
    evaluator = std::make_unique<Evaluator>(model, scoring, &training->scorer(), training->evaluatedRows());
  } else {
    evaluator = std::make_unique<Evaluator>(model, scoring);
  }
  evaluator->prepare(plan.training.count);
  if (plan.validation) evaluator->prepare(plan.validation->count);
  // The start is evaluated for the first lane.
  if (has(0)) evaluator->prepare(rowsOfStart(plan));
}

void LaneGroup::read(size_t parameter, int lane, size_t lanes, float* to) const {
  const Parameter<float>& from = model.parameters().all()[parameter];
  const size_t count = lanes * from.count;
  if (DeviceBackend* device = model.device()) device->copyFrom(to, from.values(lane), count * sizeof(float));
  else std::copy_n(from.values(lane), count, to);
}

void LaneGroup::write(size_t parameter, const float* allLanes) {
  const Parameter<float>& to = model.parameters().all()[parameter];
  const size_t count = static_cast<size_t>(model.lanes()) * to.count;
  if (DeviceBackend* device = model.device()) device->copyTo(to.values(0), allLanes, count * sizeof(float));
  else std::copy_n(allLanes, count, to.values(0));
}

std::vector<std::unique_ptr<LaneGroup>> makeGroups(Graph graph, size_t lanes, int threads, const std::vector<DeviceBackend*>& devices,
                                                   Precision precision) {
  std::vector<std::unique_ptr<LaneGroup>> groups;
  const size_t count = std::max<size_t>(1, std::min(devices.size(), lanes));
  for (size_t i = 0; i < count; ++i) {
    const int first = static_cast<int>(lanes * i / count), end = static_cast<int>(lanes * (i + 1) / count);
    DeviceBackend* const device = devices.empty() ? nullptr : devices[i];
    groups.push_back(std::make_unique<LaneGroup>(i + 1 < count ? graph : std::move(graph), first, end - first, threads, device, precision));
  }
  return groups;
}

}  // namespace deltalab
