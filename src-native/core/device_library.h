#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device_backend.h"
#include "errors.h"

namespace deltalab {

/** A graphics card. Sizes in bytes. */
struct CardInfo {
  std::string name;
  double memoryTotal = 0;
  double memoryFree = 0;
  /** Compute capability, such as "8.9". */
  std::string capability;
  /** Of CUDA, up to which the driver goes: "13.0". */
  std::string driver;
  /** Whether cuBLASLt is there for its large products. */
  bool blas = false;
  /** Why it cannot be used: a word of shared/errors/reasons.ts, with its values. Empty: it can. */
  std::string reason;
  ErrorDetails details;
};

/**
 * What a device library (deltalab_cuda) gives. It is loaded where it is needed, so that the engine runs on machines without a driver; objects
 * cross the border as they are, for both sides are built from the same headers (buildFingerprint). Errors are EngineErrors.
 */
class DeviceLibrary {
 public:
  virtual ~DeviceLibrary() = default;

  /** By number. Throws 'device.unavailable' where there is no driver, one that is too old, or no card. */
  virtual std::vector<CardInfo> cards() = 0;
  /** Whether there is a kernel for an operator; needs no card. */
  virtual bool has(const std::string& opType) const = 0;
  /** Throws 'device.unavailable' or 'device.failed'. */
  virtual std::unique_ptr<DeviceBackend> open(int card) = 0;
  /** A stand-in of a card (DeviceBackend::createMeter), which itself is not opened. Throws as `open` does. */
  virtual std::unique_ptr<DeviceBackend> meter(int card) = 0;
};

/** A node, and the operator of it that a device has not. */
struct MissingOperator {
  std::string node;
  std::string opType;
};

/** Kept for the life of the process. Throws 'device.unavailable' with the reason library-missing or library-differs. */
DeviceLibrary& loadDeviceLibrary(const std::string& path);

/**
 * A card, for one user: what is asked of it by one is done in order, that of several as it comes, so that trainings, notebooks and questions
 * on threads of their own never wait for or disturb each other. Throws as loadDeviceLibrary and DeviceLibrary::open do.
 */
std::shared_ptr<DeviceBackend> openDevice(const std::string& libraryPath, int card);

/** DeviceLibrary::meter, which throws as openDevice does. */
std::shared_ptr<DeviceBackend> createMeterOf(const std::string& libraryPath, int card);

/** What of a graph could not be trained on a device of this library, in the order of computation. Throws as planGraph does. */
std::vector<MissingOperator> missingOperators(const Graph& graph, const DeviceLibrary& library);

}  // namespace deltalab
