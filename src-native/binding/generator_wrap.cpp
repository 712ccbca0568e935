#include "generator_wrap.h"

#include "convert.h"

namespace deltalab::binding {

namespace {

size_t countOf(const Napi::CallbackInfo& info) {
  const int64_t count = toInteger(info[0], "count");
  if (count < 0 || count > INT32_MAX) failArgument("count", "0 to 2147483647 is needed");
  return static_cast<size_t>(count);
}

}  // namespace

Napi::Function GeneratorWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeGenerator",
                     {
                         InstanceMethod<&GeneratorWrap::rand>("rand"),
                         InstanceMethod<&GeneratorWrap::randn>("randn"),
                         InstanceMethod<&GeneratorWrap::randperm>("randperm"),
                     });
}

GeneratorWrap::GeneratorWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<GeneratorWrap>(info) {
  guarded(info.Env(), [&] { generator_.emplace(static_cast<uint64_t>(toInteger(info[0], "seed"))); });
}

Napi::Value GeneratorWrap::rand(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Float32Array array = Napi::Float32Array::New(info.Env(), countOf(info));
    generator_->rand(array.Data(), array.ElementLength());
    return array;
  });
}

Napi::Value GeneratorWrap::randn(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Float32Array array = Napi::Float32Array::New(info.Env(), countOf(info));
    generator_->randn(array.Data(), array.ElementLength());
    return array;
  });
}

Napi::Value GeneratorWrap::randperm(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::BigInt64Array array = Napi::BigInt64Array::New(info.Env(), countOf(info), napi_bigint64_array);
    generator_->randperm(array.Data(), array.ElementLength());
    return array;
  });
}

}  // namespace deltalab::binding
