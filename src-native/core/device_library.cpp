#include "device_library.h"

#include <cstring>
#include <map>
#include <mutex>

#include "build_fingerprint.h"
#include "planner.h"
#include "shared_library.h"

namespace deltalab {

namespace {

/** What such a library exports under these names: cuda/library/library.cpp. */
constexpr const char* kFingerprint = "deltalab_fingerprint";
constexpr const char* kLibrary = "deltalab_device_library";
using FingerprintOf = const char* (*)();
using LibraryOf = DeviceLibrary* (*)();

[[noreturn]] void failLibrary(const char* reason, const std::string& path, const std::string& why) {
  throw EngineError("device.unavailable", "The library " + path + " cannot be used: " + why, {{"reason", std::string(reason)}, {"path", path}, {"why", why}});
}

DeviceLibrary& load(const std::string& path) {
  void* handle = openLibrary(path);
  if (!handle) failLibrary("library-missing", path, libraryError());
  const auto fingerprint = reinterpret_cast<FingerprintOf>(symbolOf(handle, kFingerprint));
  const auto library = reinterpret_cast<LibraryOf>(symbolOf(handle, kLibrary));
  if (!fingerprint || !library || std::strcmp(fingerprint(), buildFingerprint()) != 0) {
    failLibrary("library-differs", path, fingerprint ? fingerprint() : "no fingerprint");
  }
  return *library();
}

}  // namespace

DeviceLibrary& loadDeviceLibrary(const std::string& path) {
  static std::mutex guard;
  static std::map<std::string, DeviceLibrary*> loaded;
  const std::lock_guard<std::mutex> lock(guard);
  DeviceLibrary*& library = loaded[path];
  if (!library) library = &load(path);
  return *library;
}

/** Says in its errors which of several cards it is. */
template <class F>
static std::shared_ptr<DeviceBackend> ofCard(int card, F make) {
  try {
    return make();
  } catch (const EngineError& error) {
    ErrorDetails details = error.details();
    details.emplace_back("device", "cuda:" + std::to_string(card));
    throw EngineError(error.code(), error.what(), std::move(details));
  }
}

std::shared_ptr<DeviceBackend> openDevice(const std::string& libraryPath, int card) {
  DeviceLibrary& library = loadDeviceLibrary(libraryPath);
  return ofCard(card, [&] { return library.open(card); });
}

std::shared_ptr<DeviceBackend> createMeterOf(const std::string& libraryPath, int card) {
  DeviceLibrary& library = loadDeviceLibrary(libraryPath);
  return ofCard(card, [&] { return library.meter(card); });
}

std::vector<MissingOperator> missingOperators(const Graph& graph, const DeviceLibrary& library) {
  std::vector<Shape> shapes;
  for (const GraphValue& input : graph.inputs) {
    shapes.push_back(input.dims);
    for (int64_t& size : shapes.back()) {
      if (size < 1) size = 1;
    }
  }
  std::vector<MissingOperator> missing;
  // What is a step while training, and a view afterwards, is in this plan.
  for (const PlannedNode& node : planGraph(graph, shapes, 1, ProgramMode::Training, Device::Cuda).nodes) {
    if (!library.has(node.node->opType)) missing.push_back({node.node->name, node.node->opType});
  }
  return missing;
}

}  // namespace deltalab
