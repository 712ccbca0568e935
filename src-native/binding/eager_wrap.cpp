#include "eager_wrap.h"

#include <type_traits>

#include "convert.h"

namespace deltalab::binding {

namespace {

EagerRequest toRequest(const Napi::Object& object) {
  EagerRequest request;
  request.opType = toText(object.Get("opType"), "opType");
  request.attributes = toAttributes(object.Get("attributes"), "attributes");
  request.outputs = static_cast<size_t>(toInteger(object.Get("outputs"), "outputs"));
  forEachItem(object.Get("inputs"), "inputs", [&](const Napi::Value& item, const std::string& at) {
    EagerInput input;
    input.omitted = item.IsNull();
    if (!input.omitted) {
      const Napi::Object given = toObject(item, at);
      if (given.Has("data")) {
        input.constant = toConstant(given, at);
        input.shape = input.constant->dims;
      } else {
        input.shape = toShape(given.Get("dims"), at + ".dims");
        input.needsGradient = toBoolean(given.Get("needsGradient"), at + ".needsGradient");
      }
    }
    request.inputs.push_back(std::move(input));
  });
  return request;
}

void checkOperator(const std::string& opType, const DeviceLibrary& library) {
  const OperatorDefinition* definition = findOperator(opType, Device::Cpu);
  if (!definition || definition->view() || library.has(opType)) return;
  throw EngineError("device.operator", "The graphics card does not compute " + opType, {{"node", opType}, {"operator", opType}});
}

bool wantsDouble(const Napi::Value& precision) {
  const std::string name = toText(precision, "precision");
  if (name != "float32" && name != "float64") failArgument("precision", "float32 or float64 is needed");
  return name == "float64";
}

}  // namespace

Napi::Function EagerWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeEagerOperator",
                     {
                         InstanceMethod<&EagerWrap::describe>("describe"),
                         InstanceMethod<&EagerWrap::forward>("forward"),
                         InstanceMethod<&EagerWrap::backward>("backward"),
                         InstanceMethod<&EagerWrap::dispose>("dispose"),
                     });
}

EagerWrap::EagerWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EagerWrap>(info) {
  guarded(info.Env(), [&] {
    machine_ = *info[1].As<Napi::External<std::shared_ptr<EagerMachine>>>().Data();
    const Napi::Object object = toObject(info[0], "request");
    if (!absent(info[2])) card_ = CardMemoryWrap::Unwrap(toObject(info[2], "card"))->arrays();
    EagerRequest request = toRequest(object);
    if (card_) checkOperator(request.opType, card_->library());
    if (!wantsDouble(object.Get("precision"))) {
      operator_ = std::make_unique<EagerOperator<float>>(std::move(request), card_ ? &card_->device() : nullptr);
    } else if (!card_) {
      operator_ = std::make_unique<EagerOperator<double>>(std::move(request));
    } else {
      failArgument("precision", "a card computes in float32");
    }
  });
}

template <class F>
auto EagerWrap::visit(F&& f) {
  if (auto* single = std::get_if<std::unique_ptr<EagerOperator<float>>>(&operator_)) return f(**single, float());
  if (auto* twice = std::get_if<std::unique_ptr<EagerOperator<double>>>(&operator_)) return f(**twice, double());
  throw EngineError("engine.disposed", "The operator has been disposed of.");
}

template <class T>
T* EagerWrap::memoryOf(const Napi::Value& value, size_t elements, const char* argument) const {
  if constexpr (std::is_same_v<T, float>) {
    if (card_) return card_->memoryOf(value, elements, argument);
  }
  if (!value.IsTypedArray()) {
    if (absent(value)) return nullptr;
    failArgument(argument, "a typed array is needed");
  }
  constexpr napi_typedarray_type kWanted = std::is_same_v<T, float> ? napi_float32_array : napi_float64_array;
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  napi_get_typedarray_info(value.Env(), value, &type, &length, &data, nullptr, nullptr);
  if (type != kWanted) failArgument(argument, std::is_same_v<T, float> ? "a Float32Array is needed" : "a Float64Array is needed");
  if (length != elements) failArgument(argument, std::to_string(elements) + " elements are needed, not " + std::to_string(length));
  return static_cast<T*>(data);
}

template <class T, class Elements, class Required>
std::vector<T*> EagerWrap::memoriesOf(const Napi::Value& list, size_t count, const char* argument, Elements&& elements, Required&& required) const {
  if (!list.IsArray()) failArgument(argument, "an array is needed");
  const Napi::Array array = list.As<Napi::Array>();
  std::vector<T*> memories(count, nullptr);
  for (size_t i = 0; i < count; ++i) {
    memories[i] = memoryOf<T>(array.Get(static_cast<uint32_t>(i)), elements(i), argument);
    if (required(i) && !memories[i]) failArgument(argument, "number " + std::to_string(i + 1) + " is missing");
  }
  return memories;
}

Napi::Value EagerWrap::describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    return visit([&](const auto& op, auto) -> Napi::Value {
      Napi::Array shapes = Napi::Array::New(env);
      for (uint32_t i = 0; i < op.outputCount(); ++i) {
        Napi::Array shape = Napi::Array::New(env);
        for (uint32_t j = 0; j < op.outputShapes()[i].size(); ++j) shape.Set(j, static_cast<double>(op.outputShapes()[i][j]));
        shapes.Set(i, shape);
      }
      size_t differentiable = 0;
      while (differentiable < op.outputCount() && op.differentiable(differentiable)) ++differentiable;
      Napi::Object object = Napi::Object::New(env);
      object.Set("shapes", shapes);
      object.Set("differentiable", static_cast<double>(differentiable));
      object.Set("view", op.view());
      object.Set("readsInputs", op.reads().inputs);
      object.Set("readsOutput", op.reads().output);
      object.Set("savesInputs", op.saves().inputs);
      return object;
    });
  });
}

Napi::Value EagerWrap::forward(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    visit([&](auto& op, auto type) {
      using T = decltype(type);
      const auto call = static_cast<uint64_t>(toInteger(info[0], "call"));
      const auto inputs = memoriesOf<T>(
          info[1], op.inputCount(), "inputs", [&](size_t i) { return op.inputElements(i); },
          [&](size_t i) { return op.inputElements(i) > 0; });
      const auto outputs = memoriesOf<T>(
          info[2], op.outputCount(), "outputs", [&](size_t i) { return op.outputElements(i); }, [](size_t) { return true; });
      Run run{machine_->pool, machine_->workspace, LaneSet{}};
      op.forward(run, call, inputs.data(), outputs.data());
    });
    return info.Env().Undefined();
  });
}

Napi::Value EagerWrap::backward(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    visit([&](auto& op, auto type) {
      using T = decltype(type);
      const auto call = static_cast<uint64_t>(toInteger(info[0], "call"));
      const bool inputsNeeded = op.saves().inputs;
      const bool outputNeeded = op.saves().output;
      const auto inputs = memoriesOf<T>(
          info[1], op.inputCount(), "inputs", [&](size_t i) { return op.inputElements(i); },
          [&](size_t i) { return inputsNeeded && op.inputElements(i) > 0; });
      const auto outputs = memoriesOf<T>(
          info[2], op.outputCount(), "outputs", [&](size_t i) { return op.outputElements(i); },
          [&](size_t i) { return outputNeeded && i == 0; });
      const auto outputGradients = memoriesOf<T>(
          info[3], op.outputCount(), "outputGradients", [&](size_t i) { return op.outputElements(i); },
          [&](size_t i) { return op.differentiable(i); });
      const auto inputGradients = memoriesOf<T>(
          info[4], op.inputCount(), "inputGradients", [&](size_t i) { return op.inputElements(i); },
          [&](size_t i) { return op.needsGradient(i); });
      Run run{machine_->pool, machine_->workspace, LaneSet{}};
      op.backward(run, call, inputs.data(), outputs.data(), outputGradients.data(), inputGradients.data());
    });
    return info.Env().Undefined();
  });
}

Napi::Value EagerWrap::dispose(const Napi::CallbackInfo& info) {
  operator_ = std::monostate();
  return info.Env().Undefined();
}

}  // namespace deltalab::binding
