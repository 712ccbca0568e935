#include "session_wrap.h"

#include "convert.h"
#include "devices.h"

namespace deltalab::binding {

Napi::Function SessionWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeSession",
                     {
                         InstanceMethod<&SessionWrap::run>("run"),
                         InstanceMethod<&SessionWrap::dispose>("dispose"),
                     });
}

SessionWrap::SessionWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SessionWrap>(info) {
  guarded(info.Env(), [&] {
    const Answering& answering = *info[2].As<Napi::External<Answering>>().Data();
    session_.emplace(toGraph(info[0]), toThreads(info[1]), answering.device, answering.precision);
  });
}

Napi::Value SessionWrap::run(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (!session_) throw EngineError("session.disposed", "This session has been disposed of");
    return fromTensors(info.Env(), session_->run(toTensors(info[0], "inputs")));
  });
}

void SessionWrap::dispose(const Napi::CallbackInfo&) { session_.reset(); }

}  // namespace deltalab::binding
