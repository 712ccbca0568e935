#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "core/errors.h"
#include "core/training.h"

namespace deltalab::binding {

// JavaScript values to engine values and back. Everything is checked: a wrong type throws 'engine.argument' that names the field.

[[noreturn]] void failArgument(const std::string& argument, const std::string& reason);

/** Undefined or null. */
bool absent(const Napi::Value& value);
Napi::Object toObject(const Napi::Value& value, const std::string& argument);
double toNumber(const Napi::Value& value, const std::string& argument);
/** A whole number that a double holds exactly. */
int64_t toInteger(const Napi::Value& value, const std::string& argument);
bool toBoolean(const Napi::Value& value, const std::string& argument);
std::string toText(const Napi::Value& value, const std::string& argument);
Shape toShape(const Napi::Value& value, const std::string& argument);
std::vector<Attribute> toAttributes(const Napi::Value& value, const std::string& argument);
/** { dims, data } as an initializer without a name. */
Initializer toConstant(const Napi::Value& value, const std::string& argument);
std::vector<float> toFloats(const Napi::Value& value, const std::string& argument);

/** f(element, "argument[i]") for every element of an array. */
template <class F>
void forEachItem(const Napi::Value& value, const std::string& argument, F&& f) {
  if (!value.IsArray()) failArgument(argument, "an array is needed");
  const Napi::Array array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(value.Env());
    f(array.Get(i), argument + "[" + std::to_string(i) + "]");
  }
}

/** With `outlines` weights may be empty arrays: of such a graph only sizes may be asked. */
Graph toGraph(const Napi::Value& value, bool outlines = false);
Napi::Object fromGraph(Napi::Env env, const Graph& graph);
TrainPlan toPlan(const Napi::Value& value, bool outlines = false);
LaneSettings toLane(const Napi::Value& value, const std::string& argument);
LossKind toLoss(const Napi::Value& value);
/** Absent: Float32. */
Precision toPrecision(const Napi::Value& value, const std::string& argument);
LossOptions toLossOptions(const Napi::Value& value, const std::string& argument);
DataSplit toSplit(const Napi::Value& value, const std::string& argument);
AdvanceLimit toLimit(const Napi::Value& value);
/** { [name]: Tensor } with float tensors only. */
std::vector<NamedTensor> toTensors(const Napi::Value& value, const std::string& argument);
struct Target {
  Shape dims;
  std::vector<float> values;
  std::vector<int64_t> classes;
};
Target toTarget(const Napi::Value& value);
/** options.threads, or 0. */
int toThreads(const Napi::Value& options);

Napi::Float32Array fromFloats(Napi::Env env, const std::vector<float>& values);
/** By name. Arrays of tensors in `into` are used again where they fit. */
Napi::Object fromTensors(Napi::Env env, const std::vector<NamedTensor>& tensors, const Napi::Object& into = {});
Napi::Object fromScore(Napi::Env env, const Score& score, const std::vector<Metric>& metrics);
Napi::Object fromReport(Napi::Env env, const AdvanceReport& report);

Napi::Object fromDetails(Napi::Env env, const ErrorDetails& values);
/** An error of the engine as a JavaScript Error with `code` and `details`. */
Napi::Error toError(Napi::Env env, const EngineError& error);

/** The exception in flight as an EngineError: memory and unexpected failures get a code too. Only in a catch block. */
EngineError currentError();

/** Runs f; what the engine throws becomes a JavaScript exception. */
template <class F>
auto guarded(Napi::Env env, F&& f) -> decltype(f()) {
  try {
    return f();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw toError(env, currentError());
  }
}

}  // namespace deltalab::binding
