#include "devices.h"

#include "convert.h"
#include "core/device_library.h"
#include "core/trainer_memory.h"

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
      item.Set("blas", card.blas);
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
    const Graph graph = toGraph(info[0], true);
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

namespace {

struct CardPlan {
  std::string library;
  int64_t card;
};

CardPlan toCardPlan(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  const int64_t card = toInteger(object.Get("card"), argument + ".card");
  if (card < 0 || card > INT32_MAX) failArgument(argument + ".card", "there is no such card");
  return {toText(object.Get("library"), argument + ".library"), card};
}

}  // namespace

std::shared_ptr<DeviceBackend> toDevice(const Napi::Value& value, const std::string& argument) {
  if (absent(value)) return nullptr;
  const CardPlan plan = toCardPlan(value, argument);
  return openDevice(plan.library, static_cast<int>(plan.card));
}

Answering OpenCards::answeringOf(const Napi::Value& options) {
  const Napi::Value value = absent(options) ? options : toObject(options, "options").Get("device");
  if (absent(value)) return {};
  const std::string argument = "options.device";
  const CardPlan plan = toCardPlan(value, argument);
  std::shared_ptr<DeviceBackend>& device = open_[{plan.library, plan.card}];
  if (!device) device = openDevice(plan.library, static_cast<int>(plan.card));
  return {device, toPrecision(toObject(value, argument).Get("precision"), argument + ".precision")};
}

Napi::Value trainingMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    std::vector<std::shared_ptr<DeviceBackend>> meters;
    std::vector<DeviceBackend*> used;
    forEachItem(toObject(info[0], "plan").Get("devices"), "plan.devices", [&](const Napi::Value& item, const std::string& at) {
      const CardPlan plan = toCardPlan(item, at);
      meters.push_back(createMeterOf(plan.library, static_cast<int>(plan.card)));
      used.push_back(meters.back().get());
    });
    if (used.empty()) failArgument("plan.devices", "at least one card is needed");
    TrainPlan plan = toPlan(info[0], true);
    Napi::Array array = Napi::Array::New(env);
    uint32_t index = 0;
    for (const size_t bytes : memoryOf(plan, used)) array.Set(index++, static_cast<double>(bytes));
    return array;
  });
}

std::vector<std::shared_ptr<DeviceBackend>> toDevices(const Napi::Value& value, const std::string& argument) {
  std::vector<std::shared_ptr<DeviceBackend>> devices;
  if (absent(value)) return devices;
  forEachItem(value, argument, [&](const Napi::Value& item, const std::string& at) {
    if (auto device = toDevice(item, at)) devices.push_back(std::move(device));
  });
  return devices;
}

}  // namespace deltalab::binding
