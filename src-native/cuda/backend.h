#pragma once

#include "core/device_backend.h"
#include "device.h"

namespace deltalab::cuda {

/** Whether there is a kernel for it. */
bool hasOperator(const std::string& opType);

/** Programs on an NVIDIA card, or on the emulation of one. */
class CudaBackend final : public DeviceBackend {
 public:
  explicit CudaBackend(int card) : stream_(card) {}

  void* allocate(size_t bytes) override { return stream_.allocate(bytes); }
  void release(void* memory) noexcept override { stream_.release(memory); }
  void copyTo(void* device, const void* host, size_t bytes) override { stream_.copyTo(device, host, bytes); }
  void copyFrom(void* host, const void* device, size_t bytes) override { stream_.copyFrom(host, device, bytes); }
  void wait() override { stream_.wait(); }
  bool has(const std::string& opType) const override { return hasOperator(opType); }
  std::unique_ptr<Step<float>> createStep(StepSpec<float>&& spec) override;

 private:
  Stream stream_;
};

}  // namespace deltalab::cuda
