#include "trainer_memory.h"

namespace deltalab {

TrainPlan withEnoughMemory(TrainPlan plan, const std::vector<DeviceBackend*>& devices) {
  if (devices.empty()) return plan;
  std::vector<std::unique_ptr<DeviceBackend>> meters;
  std::vector<DeviceBackend*> used;
  for (DeviceBackend* device : devices) {
    meters.push_back(device->createMeter());
    used.push_back(meters.back().get());
  }
  Trainer measured(std::move(plan), used);
  for (size_t i = 0; i < devices.size(); ++i) {
    const DeviceMemorySize there = devices[i]->memory();
    if (meters[i]->mostAllocated() > there.free) failMemory(meters[i]->mostAllocated(), there);
  }
  return measured.release();
}

}  // namespace deltalab
