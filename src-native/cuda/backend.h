#pragma once

#include "core/device_backend.h"
#include "core/device_kernels.h"
#include "device.h"

namespace deltalab::cuda {

/** Whether there is a kernel for it. */
bool hasOperator(const std::string& opType);

/** Programs on an NVIDIA card, or on the emulation of one. */
class CudaBackend final : public DeviceBackend {
 public:
  /** `fuses`: whether steps of small networks are done as one (DeviceFusedSteps). */
  explicit CudaBackend(int card, bool fuses = true) : CudaBackend(card, fuses, false) {}

  void* allocate(size_t bytes) override { return stream_.allocate(bytes); }
  void release(void* memory) noexcept override { stream_.release(memory); }
  void copyTo(void* device, const void* host, size_t bytes) override { stream_.copyTo(device, host, bytes); }
  void copyFrom(void* host, const void* device, size_t bytes) override { stream_.copyFrom(host, device, bytes); }
  void copyWithin(void* to, const void* from, size_t bytes) override { stream_.copyWithin(to, from, bytes); }
  void clear(void* memory, size_t bytes) override { stream_.clear(memory, bytes); }
  void fill(float* values, size_t count, float value) override;
  void wait() override { stream_.wait(); }
  bool has(const std::string& opType) const override { return hasOperator(opType); }
  /** Tensor cores have both others from Ampere on. */
  bool has(Precision precision) const override { return precision == Precision::Float32 || stream_.capability() >= 80; }
  std::unique_ptr<Step<float>> createStep(StepSpec<float>&& spec) override;
  void gather(const GatherWork& work) override;
  void addObjective(const ObjectiveWork& work) override;
  void findFinite(const std::vector<DeviceValues>& values, int lanes, unsigned char* flags) override;
  std::unique_ptr<DeviceUpdate> createUpdate(Model<float>& model, OptimizerKind optimizer, const UpdateLayout& layout) override;
  std::unique_ptr<DeviceFusedSteps> createFusedSteps(Model<float>& model, const Plan& plan, size_t rows, OptimizerKind optimizer,
                                                     const UpdateLayout& layout, DeviceUpdate& update) override;
  void updateTensor(OptimizerKind optimizer, const UpdateStep& step, const TensorUpdate& work) override;
  DeviceMemorySize memory() override { return stream_.memory(); }
  std::unique_ptr<DeviceBackend> createMeter() override { return meter(card_, fuses_); }
  /** The same of a card that is not opened, and need not have any memory. */
  static std::unique_ptr<DeviceBackend> meter(int card, bool fuses = true) { return std::unique_ptr<DeviceBackend>(new CudaBackend(card, fuses, true)); }
  size_t mostAllocated() const override { return stream_.mostAllocated(); }
  std::unique_ptr<DeviceRecording> record(std::function<void()> work) override;
  size_t launches() const { return stream_.launches(); }

 private:
  CudaBackend(int card, bool fuses, bool measures) : card_(card), stream_(card, measures), fuses_(fuses) {}

  int card_;
  Stream stream_;
  bool fuses_;
};

}  // namespace deltalab::cuda
