#include "card_arrays.h"

#include <algorithm>

#include "convert.h"
#include "core/device_kernels.h"
#include "devices.h"

namespace deltalab::binding {

namespace {

Napi::Float32Array toFloatArray(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) failArgument("values", "a Float32Array is needed");
  return value.As<Napi::Float32Array>();
}

}  // namespace

CardArrays::~CardArrays() {
  for (const auto& [number, array] : arrays_) {
    napi_delete_reference(env_, array.owner);
    heap_.release(array.memory, array.count);
  }
}

double CardArrays::allocate(const Napi::Object& owner, size_t count) {
  float* memory = heap_.allocate(count);
  napi_ref reference = nullptr;
  if (napi_create_reference(env_, owner, 0, &reference) != napi_ok) {
    heap_.release(memory, count);
    failArgument("owner", "an object is needed");
  }
  arrays_.emplace(++last_, Array{memory, count, reference});
  return static_cast<double>(last_);
}

void CardArrays::sweep() {
  for (auto at = arrays_.begin(); at != arrays_.end();) {
    const Napi::HandleScope scope(env_);
    napi_value owner = nullptr;
    napi_get_reference_value(env_, at->second.owner, &owner);
    if (owner) {
      ++at;
      continue;
    }
    napi_delete_reference(env_, at->second.owner);
    heap_.release(at->second.memory, at->second.count);
    at = arrays_.erase(at);
  }
}

float* CardArrays::memoryOf(const Napi::Value& number, size_t elements, const char* argument) const {
  if (absent(number)) return nullptr;
  const auto found = arrays_.find(toInteger(number, argument));
  if (found == arrays_.end()) failArgument(argument, "there is no such array on the card");
  const Array& array = found->second;
  if (array.count != elements) failArgument(argument, std::to_string(elements) + " elements are needed, not " + std::to_string(array.count));
  return array.memory;
}

Napi::Function CardMemoryWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeCardMemory",
                     {
                         InstanceMethod<&CardMemoryWrap::allocate>("allocate"),
                         InstanceMethod<&CardMemoryWrap::write>("write"),
                         InstanceMethod<&CardMemoryWrap::fill>("fill"),
                         InstanceMethod<&CardMemoryWrap::copy>("copy"),
                         InstanceMethod<&CardMemoryWrap::read>("read"),
                         InstanceMethod<&CardMemoryWrap::update>("update"),
                         InstanceMethod<&CardMemoryWrap::sweep>("sweep"),
                         InstanceMethod<&CardMemoryWrap::trim>("trim"),
                         InstanceMethod<&CardMemoryWrap::wait>("wait"),
                     });
}

CardMemoryWrap::CardMemoryWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<CardMemoryWrap>(info) {
  guarded(info.Env(), [&] {
    DeviceLibrary& library = loadDeviceLibrary(toText(toObject(info[0], "card").Get("library"), "card.library"));
    arrays_ = std::make_shared<CardArrays>(info.Env(), library, toDevice(info[0], "card"));
  });
}

Napi::Value CardMemoryWrap::allocate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const int64_t count = toInteger(info[1], "count");
    if (count < 1) failArgument("count", "at least one element is needed");
    return Napi::Number::New(info.Env(), arrays_->allocate(toObject(info[0], "owner"), static_cast<size_t>(count)));
  });
}

Napi::Value CardMemoryWrap::write(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Float32Array values = toFloatArray(info[1]);
    float* memory = arrays_->memoryOf(info[0], values.ElementLength(), "array");
    arrays_->device().copyTo(memory, values.Data(), values.ByteLength());
    // The values are the caller's: they may change or go as soon as this returns.
    arrays_->device().wait();
    return info.Env().Undefined();
  });
}

Napi::Value CardMemoryWrap::fill(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto count = static_cast<size_t>(toInteger(info[1], "count"));
    const auto value = static_cast<float>(toNumber(info[2], "value"));
    arrays_->device().fill(arrays_->memoryOf(info[0], count, "array"), count, value);
    return info.Env().Undefined();
  });
}

Napi::Value CardMemoryWrap::copy(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto count = static_cast<size_t>(toInteger(info[2], "count"));
    arrays_->device().copyWithin(arrays_->memoryOf(info[0], count, "to"), arrays_->memoryOf(info[1], count, "from"), count * sizeof(float));
    return info.Env().Undefined();
  });
}

Napi::Value CardMemoryWrap::read(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Float32Array values = toFloatArray(info[1]);
    arrays_->device().copyFrom(values.Data(), arrays_->memoryOf(info[0], values.ElementLength(), "array"), values.ByteLength());
    return info.Env().Undefined();
  });
}

Napi::Value CardMemoryWrap::update(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Napi::Object step = toObject(info[0], "step");
    const OptimizerDefinition* optimizer = findOptimizer(toText(step.Get("optimizer"), "step.optimizer"));
    if (!optimizer) failArgument("step.optimizer", "there is no such optimizer");
    const LaneSettings settings = toLane(step.Get("settings"), "step.settings");
    const auto count = static_cast<size_t>(toInteger(step.Get("count"), "step.count"));
    const auto memory = [&](const char* name) { return arrays_->memoryOf(step.Get(name), count, name); };
    TensorUpdate work{memory("weights"), memory("gradient"), memory("to"), {}, count, toBoolean(step.Get("maximize"), "step.maximize")};
    size_t slots = 0;
    forEachItem(step.Get("slots"), "step.slots", [&](const Napi::Value& item, const std::string& at) {
      if (slots == kMostSlots) failArgument(at, "no optimizer remembers that much");
      work.slots[slots++] = arrays_->memoryOf(item, count, "slots");
    });
    if (slots != optimizer->slots(settings)) failArgument("step.slots", std::to_string(optimizer->slots(settings)) + " are needed");
    arrays_->device().updateTensor(optimizer->kind, {settings, settings.learningRate, toInteger(step.Get("number"), "step.number")}, work);
    return info.Env().Undefined();
  });
}

Napi::Value CardMemoryWrap::sweep(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    arrays_->sweep();
    Napi::Object bytes = Napi::Object::New(info.Env());
    bytes.Set("used", static_cast<double>(arrays_->heap().used()));
    bytes.Set("held", static_cast<double>(arrays_->heap().held()));
    return bytes;
  });
}

Napi::Value CardMemoryWrap::trim(const Napi::CallbackInfo& info) {
  arrays_->heap().trim();
  return info.Env().Undefined();
}

Napi::Value CardMemoryWrap::wait(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    arrays_->device().wait();
    return info.Env().Undefined();
  });
}

}  // namespace deltalab::binding
