#include "trainer_memory.h"

#include <memory>

#include "trainer_check.h"

namespace deltalab {

std::vector<size_t> memoryOf(TrainPlan& plan, const std::vector<DeviceBackend*>& meters) {
  const auto groups = makeGroups(std::move(plan.graph), std::max<size_t>(1, plan.lanes.size()), 1, meters, plan.precision);
  checkPlan(plan, groups);
  const size_t batch = rowsOfBatch(plan), rest = plan.training.count % batch;
  for (const auto& group : groups) group->training = std::make_unique<DeviceTraining>(group->model, batch, rest);
  const std::unique_ptr<Scoring> scoring = scoringFor(plan, groups[0]->training->output(batch));
  for (const auto& group : groups) group->prepare(plan, *scoring);
  plan.graph = groups.back()->model.release();
  std::vector<size_t> bytes;
  for (const DeviceBackend* meter : meters) bytes.push_back(meter->mostAllocated());
  return bytes;
}

TrainPlan withEnoughMemory(TrainPlan plan, const std::vector<DeviceBackend*>& devices) {
  if (devices.empty()) return plan;
  std::vector<std::unique_ptr<DeviceBackend>> meters;
  std::vector<DeviceBackend*> used;
  for (DeviceBackend* device : devices) {
    meters.push_back(device->createMeter());
    used.push_back(meters.back().get());
  }
  const std::vector<size_t> needed = memoryOf(plan, used);
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceMemorySize there = devices[i]->memory();
    if (needed[i] > there.free) failMemory(needed[i], there);
  }
  return plan;
}

}  // namespace deltalab
