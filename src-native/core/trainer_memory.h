#pragma once

#include <vector>

#include "training.h"

namespace deltalab {

class DeviceBackend;

/**
 * Bytes that a trainer of the plan allocates on each of its devices, for which `meters` stand in; the same code allocates there and here. Only sizes are
 * looked at: splits may be no more than their counts, and weights without values. The plan is as before, unless this throws what the trainer would.
 */
std::vector<size_t> memoryOf(TrainPlan& plan, const std::vector<DeviceBackend*>& meters);

/** The plan, where every device has the memory that a trainer of it allocates. Throws 'device.memory' with what is needed in all, and as memoryOf does. */
TrainPlan withEnoughMemory(TrainPlan plan, const std::vector<DeviceBackend*>& devices);

}  // namespace deltalab
