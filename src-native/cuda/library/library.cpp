#include "cards.h"
#include "core/build_fingerprint.h"

// What the engine looks for in a device library: core/device_library.cpp.

#if defined(_WIN32)
#define DELTALAB_EXPORT __declspec(dllexport)
#else
#define DELTALAB_EXPORT __attribute__((visibility("default")))
#endif

namespace {

class CudaLibrary final : public deltalab::DeviceLibrary {
 public:
  std::vector<deltalab::CardInfo> cards() override { return deltalab::cuda::listCards(); }
  bool has(const std::string& opType) const override { return deltalab::cuda::offersOperator(opType); }
  std::unique_ptr<deltalab::DeviceBackend> open(int card) override { return deltalab::cuda::openCard(card); }
  std::unique_ptr<deltalab::DeviceBackend> meter(int card) override { return deltalab::cuda::meterOfCard(card); }
};

}  // namespace

extern "C" {

DELTALAB_EXPORT const char* deltalab_fingerprint() { return deltalab::cuda::libraryFingerprint(); }

/** Of C++, and for callers with the same fingerprint only. */
DELTALAB_EXPORT void* deltalab_device_library() {
  static CudaLibrary library;
  return static_cast<deltalab::DeviceLibrary*>(&library);
}
}
