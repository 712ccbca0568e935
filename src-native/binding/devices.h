#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/device_backend.h"

namespace deltalab::binding {

/** `cards`, `missingOperators` and `trainingMemory` of NativeEngine, src-main/engine/native.ts. */
Napi::Value cards(const Napi::CallbackInfo& info);
Napi::Value missingOperatorsOf(const Napi::CallbackInfo& info);
Napi::Value trainingMemory(const Napi::CallbackInfo& info);

/** A CardPlan: the card, opened for this user; or null for the processor. */
std::shared_ptr<DeviceBackend> toDevice(const Napi::Value& value, const std::string& argument);

/** Some of them; none for the processor. */
std::vector<std::shared_ptr<DeviceBackend>> toDevices(const Napi::Value& value, const std::string& argument);

/** What answers for a network. */
struct Answering {
  /** Null: the processor. */
  std::shared_ptr<DeviceBackend> device;
  Precision precision = Precision::Float32;
};

/** What the calls of one environment compute with on cards: they run on its thread, one after another. Each is opened by the first that asks for it. */
class OpenCards {
 public:
  /** `options.device`, an AnsweringCard; the processor where it is absent. */
  Answering answeringOf(const Napi::Value& options);

 private:
  std::map<std::pair<std::string, int64_t>, std::shared_ptr<DeviceBackend>> open_;
};

}  // namespace deltalab::binding
