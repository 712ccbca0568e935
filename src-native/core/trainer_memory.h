#pragma once

#include <vector>

#include "trainer.h"

namespace deltalab {

/**
 * The plan, where every device has the memory that a trainer of it allocates, which is found out by making one that gets none. Throws
 * 'device.memory' with what is needed in all, and whatever the trainer throws.
 */
TrainPlan withEnoughMemory(TrainPlan plan, const std::vector<DeviceBackend*>& devices);

}  // namespace deltalab
