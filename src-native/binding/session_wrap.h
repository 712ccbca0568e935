#pragma once

#include <napi.h>

#include <optional>

#include "core/inference.h"

namespace deltalab::binding {

/** NativeSession of src-main/engine/native.ts. Made by createSession(graph, options): the third argument is an Answering. */
class SessionWrap : public Napi::ObjectWrap<SessionWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit SessionWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value run(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);

  std::optional<Session> session_;
};

}  // namespace deltalab::binding
