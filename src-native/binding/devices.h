#pragma once

#include <napi.h>

#include "core/device_backend.h"

namespace deltalab::binding {

/** `cards` and `missingOperators` of NativeEngine, src-main/engine/native.ts. */
Napi::Value cards(const Napi::CallbackInfo& info);
Napi::Value missingOperatorsOf(const Napi::CallbackInfo& info);

/** TrainPlan.device: the opened card, or null for the processor. */
DeviceBackend* toDevice(const Napi::Value& value);

}  // namespace deltalab::binding
