#include "device_backend.h"

#include "errors.h"

namespace deltalab {

namespace {

constexpr size_t kMega = size_t{1} << 20;

[[noreturn]] void fail(const std::string& what, ErrorDetails details, const DeviceMemorySize& there) {
  const std::string device = "cuda:" + std::to_string(there.card);
  details.emplace_back("device", device);
  details.emplace_back("free", static_cast<double>(there.free / kMega));
  details.emplace_back("total", static_cast<double>(there.total / kMega));
  throw EngineError("device.memory", "The graphics card " + device + " has " + std::to_string(there.free / kMega) + " MB free, " + what, std::move(details));
}

}  // namespace

void failMemory(size_t wanted, const DeviceMemorySize& there) {
  // Rounded up, as what is free is rounded down.
  const size_t needed = (wanted + kMega - 1) / kMega;
  fail("and " + std::to_string(needed) + " MB are needed", {{"reason", std::string("memory-needed")}, {"needed", static_cast<double>(needed)}}, there);
}

void failMemory(const std::string& call, const DeviceMemorySize& there) {
  fail("and its driver got no memory (" + call + ")", {{"reason", std::string("memory-refused")}, {"call", call}}, there);
}

}  // namespace deltalab
