#include "cards.h"

#include <cuda_runtime.h>

#include "../blas.h"
#include "core/build_fingerprint.h"

namespace deltalab::cuda {

namespace {

/** Turing: the oldest cards that card/CMakeLists.txt compiles for. */
constexpr int kOldest = 75;

std::string release(int version) { return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10); }

/** What cannot be asked of the driver counts as 0: it is told by the calls that need an answer. */
int driverVersion() {
  int version = 0;
  return cudaDriverGetVersion(&version) == cudaSuccess ? version : 0;
}

[[noreturn]] void failDriver(cudaError_t status) {
  int runtime = 0;
  cudaRuntimeGetVersion(&runtime);
  const int driver = driverVersion();
  if (driver == 0) throw EngineError("device.unavailable", "There is no driver for NVIDIA cards", {{"reason", std::string("no-driver")}});
  if (status == cudaErrorInsufficientDriver) {
    throw EngineError("device.unavailable", "The driver is too old: it goes up to CUDA " + release(driver),
                      {{"reason", std::string("driver-too-old")}, {"driver", release(driver)}, {"needed", release(runtime)}});
  }
  if (status == cudaErrorNoDevice) throw EngineError("device.unavailable", "There is no NVIDIA card", {{"reason", std::string("no-card")}});
  throw EngineError("device.unavailable", cudaGetErrorString(status),
                    {{"reason", std::string("driver-failed")}, {"why", std::string(cudaGetErrorString(status))}});
}

int countCards() {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess) failDriver(status);
  if (count == 0) failDriver(cudaErrorNoDevice);
  return count;
}

void assertThere(int card) {
  const int count = countCards();
  if (card >= 0 && card < count) return;
  throw EngineError("device.unavailable", "There is no card with this number",
                    {{"reason", std::string("no-such-card")}, {"count", static_cast<double>(count)}});
}

CardInfo describe(int index) {
  CardInfo card;
  card.driver = release(driverVersion());
  const auto failed = [&card](cudaError_t status) {
    if (status == cudaSuccess) return false;
    card.reason = "driver-failed";
    card.details = {{"why", std::string(cudaGetErrorString(status))}};
    return true;
  };
  cudaDeviceProp properties{};
  if (failed(cudaGetDeviceProperties(&properties, index))) return card;
  card.name = properties.name;
  card.memoryTotal = static_cast<double>(properties.totalGlobalMem);
  card.capability = std::to_string(properties.major) + "." + std::to_string(properties.minor);
  if (properties.major * 10 + properties.minor < kOldest) {
    card.reason = "card-too-old";
    card.details = {{"capability", card.capability}, {"needed", std::to_string(kOldest / 10) + "." + std::to_string(kOldest % 10)}};
    return card;
  }
  size_t free = 0, total = 0;
  if (failed(cudaSetDevice(index)) || failed(cudaMemGetInfo(&free, &total))) return card;
  card.memoryFree = static_cast<double>(free);
  card.memoryTotal = static_cast<double>(total);
  card.blas = Blas::isThere();
  return card;
}

}  // namespace

const char* libraryFingerprint() { return buildFingerprint(); }

bool offersOperator(const std::string& opType) { return hasOperator(opType); }

std::vector<CardInfo> listCards() {
  const int count = countCards();
  std::vector<CardInfo> cards;
  for (int index = 0; index < count; ++index) cards.push_back(describe(index));
  return cards;
}

std::unique_ptr<CudaBackend> openCard(int card) {
  assertThere(card);
  const CardInfo info = describe(card);
  if (!info.reason.empty()) {
    ErrorDetails details = info.details;
    details.emplace_back("reason", info.reason);
    throw EngineError("device.unavailable", info.name + " cannot be used", std::move(details));
  }
  return std::make_unique<CudaBackend>(card);
}

std::unique_ptr<DeviceBackend> meterOfCard(int card) {
  assertThere(card);
  return CudaBackend::meter(card);
}

}  // namespace deltalab::cuda
