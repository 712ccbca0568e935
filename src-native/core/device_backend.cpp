#include "device_backend.h"

#include "errors.h"

namespace deltalab {

void failMemory(size_t wanted, const DeviceMemorySize& there) {
  // In MB: what is needed rounded up, what is free rounded down.
  const size_t mega = size_t{1} << 20, needed = (wanted + mega - 1) / mega;
  throw EngineError("device.memory",
                    "The graphics card has " + std::to_string(there.free / mega) + " MB free, and " + std::to_string(needed) + " MB are needed",
                    {{"needed", static_cast<double>(needed)},
                     {"free", static_cast<double>(there.free / mega)},
                     {"total", static_cast<double>(there.total / mega)}});
}

}  // namespace deltalab
