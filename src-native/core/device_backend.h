#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "operator.h"

namespace deltalab {

struct GatherWork;
struct ObjectiveWork;
struct DeviceCursor;
struct DeviceValues;
class DeviceUpdate;
class DeviceFusedSteps;
class DeviceRecording;
struct UpdateLayout;
struct UpdateStep;
struct TensorUpdate;
enum class OptimizerKind;
struct Plan;
template <class T>
class Model;

/** In bytes, of the card with this number. */
struct DeviceMemorySize {
  size_t free, total;
  int card = 0;
};

/** Throws 'device.memory', which says what is wanted beside what there is, in MB. */
[[noreturn]] void failMemory(size_t wanted, const DeviceMemorySize& there);
/** The same where it is not told how much the driver, or a library of its, wanted for a call. */
[[noreturn]] void failMemory(const std::string& call, const DeviceMemorySize& there);

/**
 * A processor with memory of its own that programs of single precision can live on: a plan, its arena and its steps are those of the
 * processor they were made for (Model). Steps only ask for work, which is done in the order it was asked for; copyFrom and wait wait for it.
 * Everything may throw EngineError 'device.failed' with what the driver said, or 'device.memory' where that is that it has no memory: other programs
 * take it, too. What was asked for last is then not done; the device goes on.
 */
class DeviceBackend {
 public:
  virtual ~DeviceBackend() = default;

  /** Zeroed memory. Throws 'device.memory' with what was asked for and what is free. */
  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* memory) noexcept = 0;
  virtual void copyTo(void* device, const void* host, size_t bytes) = 0;
  virtual void copyFrom(void* host, const void* device, size_t bytes) = 0;
  virtual void copyWithin(void* to, const void* from, size_t bytes) = 0;
  virtual void clear(void* memory, size_t bytes) = 0;
  virtual void fill(float* values, size_t count, float value) = 0;
  virtual void wait() = 0;

  virtual bool has(const std::string& opType) const = 0;
  virtual bool has(Precision precision) const = 0;
  /** The step of an operator that it has. */
  virtual std::unique_ptr<Step<float>> createStep(StepSpec<float>&& spec) = 0;

  // What a training asks for besides (device_kernels.h).

  /** Begins a step: cursor->now becomes cursor->next. */
  virtual void gather(const GatherWork& work) = 0;
  /** Of a training step also works out cursor->next. */
  virtual void addObjective(const ObjectiveWork& work) = 0;
  /** flags[lane] becomes 1 where all values of the lane are finite, else 0. `flags` [lanes] is the device's. */
  virtual void findFinite(const std::vector<DeviceValues>& values, int lanes, unsigned char* flags) = 0;
  /** `model` must outlive it. */
  virtual std::unique_ptr<DeviceUpdate> createUpdate(Model<float>& model, OptimizerKind optimizer, const UpdateLayout& layout) = 0;
  /**
   * Steps of the network of `plan`, made for batches of `rows`, by the update that was created for `model` and `layout`; all must outlive them. Null where
   * there is nothing but one step after another: that follows from the plan, its precision, the optimizer and the device alone.
   */
  virtual std::unique_ptr<DeviceFusedSteps> createFusedSteps(Model<float>& model, const Plan& plan, size_t rows, OptimizerKind optimizer,
                                                             const UpdateLayout& layout, DeviceUpdate& update) = 0;
  /** A step of an optimizer for one tensor that is in no model. */
  virtual void updateTensor(OptimizerKind optimizer, const UpdateStep& step, const TensorUpdate& work) = 0;
  /** What is free of its memory and all there is, in bytes. */
  virtual DeviceMemorySize memory() = 0;
  /** A stand-in of the same kind, to see what something will allocate: it gives no memory and does no work; values read from it are 0. */
  virtual std::unique_ptr<DeviceBackend> createMeter() = 0;
  /** Of a meter: the most that was allocated at a time, in bytes, as a device rounds sizes up. */
  virtual size_t mostAllocated() const = 0;
  /** Notes what `work` asks for, without doing it. */
  virtual std::unique_ptr<DeviceRecording> record(std::function<void()> work) = 0;
};

/** Zeroed memory of a device, or none. */
template <class T>
class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  DeviceBuffer(DeviceBackend& backend, size_t count)
      : backend_(&backend), data_(count == 0 ? nullptr : static_cast<T*>(backend.allocate(count * sizeof(T)))), count_(count) {}
  DeviceBuffer(DeviceBuffer&& other) noexcept { *this = std::move(other); }
  DeviceBuffer& operator=(DeviceBuffer&& other) noexcept {
    std::swap(backend_, other.backend_);
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~DeviceBuffer() {
    if (data_) backend_->release(data_);
  }

  T* data() const { return data_; }
  size_t size() const { return count_; }
  void fill(const T* values) { backend_->copyTo(data_, values, count_ * sizeof(T)); }
  /** Waits for what was asked for before. */
  void read(T* values) const { backend_->copyFrom(values, data_, count_ * sizeof(T)); }
  void clear() { backend_->clear(data_, count_ * sizeof(T)); }

 private:
  DeviceBackend* backend_ = nullptr;
  T* data_ = nullptr;
  size_t count_ = 0;
};

}  // namespace deltalab
