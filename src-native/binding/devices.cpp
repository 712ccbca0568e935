#include "devices.h"

#include "convert.h"
#include "core/device_library.h"

namespace deltalab::binding {

Napi::Value cards(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    Napi::Array array = Napi::Array::New(env);
    uint32_t index = 0;
    for (const CardInfo& card : loadDeviceLibrary(toText(info[0], "library")).cards()) {
      Napi::Object item = Napi::Object::New(env);
      item.Set("name", card.name);
      item.Set("memoryTotal", card.memoryTotal);
      item.Set("memoryFree", card.memoryFree);
      item.Set("capability", card.capability);
      item.Set("driver", card.driver);
      if (card.reason.empty()) {
        item.Set("problem", env.Null());
      } else {
        Napi::Object problem = fromDetails(env, card.details);
        problem.Set("reason", card.reason);
        item.Set("problem", problem);
      }
      array.Set(index++, item);
    }
    return array;
  });
}

Napi::Value missingOperatorsOf(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const Graph graph = toGraph(info[0]);
    Napi::Array array = Napi::Array::New(env);
    uint32_t index = 0;
    for (const MissingOperator& missing : missingOperators(graph, loadDeviceLibrary(toText(info[1], "library")))) {
      Napi::Object item = Napi::Object::New(env);
      item.Set("node", missing.node);
      item.Set("opType", missing.opType);
      array.Set(index++, item);
    }
    return array;
  });
}

DeviceBackend* toDevice(const Napi::Value& value) {
  if (absent(value)) return nullptr;
  const Napi::Object object = toObject(value, "plan.device");
  const int64_t card = toInteger(object.Get("card"), "plan.device.card");
  if (card < 0 || card > INT32_MAX) failArgument("plan.device.card", "there is no such card");
  return &openDevice(toText(object.Get("library"), "plan.device.library"), static_cast<int>(card));
}

}  // namespace deltalab::binding
