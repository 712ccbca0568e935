#pragma once

#include <napi.h>

#include <optional>

#include "core/random.h"

namespace deltalab::binding {

/** NativeGenerator of src-main/engine/native.ts. */
class GeneratorWrap : public Napi::ObjectWrap<GeneratorWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit GeneratorWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value rand(const Napi::CallbackInfo& info);
  Napi::Value randn(const Napi::CallbackInfo& info);
  Napi::Value randperm(const Napi::CallbackInfo& info);

  std::optional<Generator> generator_;
};

}  // namespace deltalab::binding
