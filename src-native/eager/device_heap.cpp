#include "device_heap.h"

#include "core/errors.h"

namespace deltalab {

namespace {

constexpr size_t kSmallest = 512;

}  // namespace

size_t DeviceHeap::blockBytes(size_t count) {
  const size_t bytes = count * sizeof(float);
  if (bytes <= kSmallest) return kSmallest;
  size_t power = kSmallest;
  while (power < bytes / 2) power *= 2;
  const size_t step = power / 8;
  return (bytes + step - 1) / step * step;
}

float* DeviceHeap::allocate(size_t count) {
  const size_t bytes = blockBytes(count);
  void* memory = nullptr;
  std::vector<void*>& kept = kept_[bytes];
  if (!kept.empty()) {
    memory = kept.back();
    kept.pop_back();
  } else {
    try {
      memory = device_.allocate(bytes);
    } catch (const EngineError& error) {
      if (error.code() != "device.memory" || held_ == used_) throw;
      trim();
      memory = device_.allocate(bytes);
    }
    held_ += bytes;
  }
  used_ += bytes;
  return static_cast<float*>(memory);
}

void DeviceHeap::release(float* memory, size_t count) {
  const size_t bytes = blockBytes(count);
  kept_[bytes].push_back(memory);
  used_ -= bytes;
}

void DeviceHeap::trim() noexcept {
  for (const auto& [bytes, blocks] : kept_) {
    for (void* memory : blocks) device_.release(memory);
    held_ -= bytes * blocks.size();
  }
  kept_.clear();
}

}  // namespace deltalab
