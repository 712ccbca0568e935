#pragma once

#include <napi.h>

#include <memory>
#include <unordered_map>
#include <utility>

#include "core/device_library.h"
#include "eager/device_heap.h"

namespace deltalab::binding {

/**
 * Arrays of floats in the memory of a card, by number, for as long as an object of JavaScript lives. Who owns an array is told by a weak reference
 * that is looked at (`sweep`), not by a finalizer: those run when the event loop turns, which a long loop of a program keeps from happening.
 */
class CardArrays {
 public:
  CardArrays(Napi::Env env, DeviceLibrary& library, std::shared_ptr<DeviceBackend> device)
      : env_(env), library_(library), device_(std::move(device)), heap_(*device_) {}
  ~CardArrays();
  CardArrays(const CardArrays&) = delete;
  CardArrays& operator=(const CardArrays&) = delete;

  DeviceLibrary& library() { return library_; }
  DeviceBackend& device() { return *device_; }
  DeviceHeap& heap() { return heap_; }

  /** Set to nothing. Returns its number. Throws 'device.memory'. */
  double allocate(const Napi::Object& owner, size_t count);
  /** Frees what nobody owns any more. */
  void sweep();
  /** Of the array with this number, which must have so many elements. */
  float* memoryOf(const Napi::Value& number, size_t elements, const char* argument) const;

 private:
  struct Array {
    float* memory;
    size_t count;
    napi_ref owner;
  };

  Napi::Env env_;
  DeviceLibrary& library_;
  std::shared_ptr<DeviceBackend> device_;
  DeviceHeap heap_;
  std::unordered_map<int64_t, Array> arrays_;
  int64_t last_ = 0;
};

/** NativeCardMemory of src-main/engine/native.ts. */
class CardMemoryWrap : public Napi::ObjectWrap<CardMemoryWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit CardMemoryWrap(const Napi::CallbackInfo& info);

  const std::shared_ptr<CardArrays>& arrays() const { return arrays_; }

 private:
  Napi::Value allocate(const Napi::CallbackInfo& info);
  Napi::Value write(const Napi::CallbackInfo& info);
  Napi::Value fill(const Napi::CallbackInfo& info);
  Napi::Value copy(const Napi::CallbackInfo& info);
  Napi::Value read(const Napi::CallbackInfo& info);
  Napi::Value update(const Napi::CallbackInfo& info);
  Napi::Value sweep(const Napi::CallbackInfo& info);
  Napi::Value trim(const Napi::CallbackInfo& info);
  Napi::Value wait(const Napi::CallbackInfo& info);

  std::shared_ptr<CardArrays> arrays_;
};

}  // namespace deltalab::binding
