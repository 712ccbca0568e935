#include "convert.h"

#include <algorithm>
#include <cmath>
#include <new>

namespace deltalab::binding {

namespace {

constexpr double kLargestInteger = 9007199254740991.0;

Napi::Value field(const Napi::Object& object, const std::string& name) { return object.Get(name); }

std::vector<std::string> toTexts(const Napi::Value& value, const std::string& argument) {
  std::vector<std::string> texts;
  forEachItem(value, argument, [&](const Napi::Value& item, const std::string& at) { texts.push_back(toText(item, at)); });
  return texts;
}

bool isTyped(const Napi::Value& value, napi_typedarray_type type) {
  return value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == type;
}

std::vector<int64_t> toIntegers(const Napi::Value& value, const std::string& argument) {
  if (!isTyped(value, napi_bigint64_array)) failArgument(argument, "a BigInt64Array is needed");
  const auto array = value.As<Napi::BigInt64Array>();
  return std::vector<int64_t>(array.Data(), array.Data() + array.ElementLength());
}

/** Float32Array into `floats`, or BigInt64Array into `integers`; true for integers. */
bool toEither(const Napi::Value& value, const std::string& argument, std::vector<float>& floats, std::vector<int64_t>& integers) {
  if (isTyped(value, napi_bigint64_array)) {
    integers = toIntegers(value, argument);
    return true;
  }
  floats = toFloats(value, argument);
  return false;
}

/** An empty list counts as one of numbers. */
bool isListOfTexts(const Napi::Value& value) {
  return value.IsArray() && value.As<Napi::Array>().Length() > 0 && value.As<Napi::Array>().Get(uint32_t{0}).IsString();
}

Attribute toAttribute(const std::string& name, const Napi::Value& value, const std::string& argument) {
  Attribute attribute;
  attribute.name = name;
  if (value.IsNumber()) {
    attribute.number = value.As<Napi::Number>().DoubleValue();
  } else if (value.IsString()) {
    attribute.kind = Attribute::Kind::Text;
    attribute.text = value.As<Napi::String>();
  } else if (isListOfTexts(value)) {
    attribute.kind = Attribute::Kind::Texts;
    attribute.texts = toTexts(value, argument);
  } else {
    attribute.kind = Attribute::Kind::Numbers;
    forEachItem(value, argument,
                [&](const Napi::Value& item, const std::string& at) { attribute.numbers.push_back(toNumber(item, at)); });
  }
  return attribute;
}

GraphNode toNode(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  GraphNode node;
  node.name = toText(field(object, "name"), argument + ".name");
  node.opType = toText(field(object, "opType"), argument + ".opType");
  node.inputs = toTexts(field(object, "inputs"), argument + ".inputs");
  node.outputs = toTexts(field(object, "outputs"), argument + ".outputs");
  node.attributes = toAttributes(field(object, "attributes"), argument + ".attributes");
  return node;
}

Initializer toInitializer(const Napi::Value& value, const std::string& argument, bool outlines) {
  const Napi::Object object = toObject(value, argument);
  Initializer initializer = toConstant(value, argument);
  initializer.name = toText(field(object, "name"), argument + ".name");
  const Napi::Value frozen = field(object, "frozen");
  initializer.frozen = !absent(frozen) && toBoolean(frozen, argument + ".frozen");
  if (!outlines && !initializer.integer && initializer.values.empty()) failArgument(argument + ".data", "there are no values");
  return initializer;
}

std::vector<GraphValue> toValues(const Napi::Value& value, const std::string& argument) {
  std::vector<GraphValue> values;
  forEachItem(value, argument, [&](const Napi::Value& item, const std::string& at) {
    const Napi::Object object = toObject(item, at);
    values.push_back({toText(field(object, "name"), at + ".name"), toShape(field(object, "dims"), at + ".dims")});
  });
  return values;
}

template <class T>
Napi::Value orNull(Napi::Env env, const std::optional<T>& value) {
  return value ? Napi::Value(Napi::Number::New(env, static_cast<double>(*value))) : env.Null();
}

const char* nameOf(LaneState state) {
  switch (state) {
    case LaneState::Running: return "running";
    case LaneState::Finished: return "finished";
    case LaneState::Diverged: return "diverged";
    case LaneState::Stopped: return "stopped";
    case LaneState::TargetReached: return "target-reached";
    case LaneState::NoImprovement: return "no-improvement";
    case LaneState::TimeUp: return "time-up";
  }
  return "";
}

const char* nameOf(Reason reason) {
  switch (reason) {
    case Reason::Steps: return "steps";
    case Reason::Epochs: return "epochs";
    case Reason::Time: return "time";
    case Reason::Interrupted: return "interrupted";
    case Reason::Finished: return "finished";
  }
  return "";
}

Napi::Object fromStatus(Napi::Env env, const LaneStatus& status) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("state", nameOf(status.state));
  object.Set("learningRate", status.learningRate);
  object.Set("step", orNull(env, status.step));
  object.Set("epoch", orNull(env, status.epoch));
  object.Set("cause", status.cause == Cause::None ? env.Null()
                                                  : Napi::Value(Napi::String::New(
                                                        env, status.cause == Cause::Grown ? "grown" : "not-finite")));
  object.Set("loss", orNull(env, status.loss));
  object.Set("bestEpoch", orNull(env, status.bestEpoch));
  object.Set("bestLoss", orNull(env, status.bestLoss));
  return object;
}

}  // namespace

void failArgument(const std::string& argument, const std::string& reason) {
  throw EngineError("engine.argument", argument + ": " + reason, {{"argument", argument}, {"reason", reason}});
}

Shape toShape(const Napi::Value& value, const std::string& argument) {
  Shape shape;
  forEachItem(value, argument, [&](const Napi::Value& item, const std::string& at) { shape.push_back(toInteger(item, at)); });
  return shape;
}

std::vector<Attribute> toAttributes(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  const Napi::Array names = object.GetPropertyNames();
  std::vector<Attribute> attributes;
  for (uint32_t i = 0; i < names.Length(); ++i) {
    const std::string name = names.Get(i).ToString();
    const Napi::Value attribute = object.Get(name);
    if (!attribute.IsUndefined()) attributes.push_back(toAttribute(name, attribute, argument + "." + name));
  }
  return attributes;
}

Initializer toConstant(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  Initializer initializer;
  initializer.dims = toShape(field(object, "dims"), argument + ".dims");
  initializer.integer = toEither(field(object, "data"), argument + ".data", initializer.values, initializer.integers);
  return initializer;
}

bool absent(const Napi::Value& value) { return value.IsUndefined() || value.IsNull(); }

Napi::Object toObject(const Napi::Value& value, const std::string& argument) {
  if (!value.IsObject() || value.IsArray()) failArgument(argument, "an object is needed");
  return value.As<Napi::Object>();
}

double toNumber(const Napi::Value& value, const std::string& argument) {
  if (!value.IsNumber()) failArgument(argument, "a number is needed");
  return value.As<Napi::Number>().DoubleValue();
}

int64_t toInteger(const Napi::Value& value, const std::string& argument) {
  const double number = toNumber(value, argument);
  if (number != std::floor(number) || std::fabs(number) > kLargestInteger) failArgument(argument, "a whole number is needed");
  return static_cast<int64_t>(number);
}

bool toBoolean(const Napi::Value& value, const std::string& argument) {
  if (!value.IsBoolean()) failArgument(argument, "true or false is needed");
  return value.As<Napi::Boolean>();
}

std::string toText(const Napi::Value& value, const std::string& argument) {
  if (!value.IsString()) failArgument(argument, "a string is needed");
  return value.As<Napi::String>();
}

std::vector<float> toFloats(const Napi::Value& value, const std::string& argument) {
  if (!isTyped(value, napi_float32_array)) failArgument(argument, "a Float32Array is needed");
  const auto array = value.As<Napi::Float32Array>();
  return std::vector<float>(array.Data(), array.Data() + array.ElementLength());
}

Graph toGraph(const Napi::Value& value, bool outlines) {
  const Napi::Object object = toObject(value, "graph");
  Graph graph;
  graph.name = toText(field(object, "name"), "graph.name");
  forEachItem(field(object, "nodes"), "graph.nodes",
              [&](const Napi::Value& item, const std::string& at) { graph.nodes.push_back(toNode(item, at)); });
  forEachItem(field(object, "initializers"), "graph.initializers",
              [&](const Napi::Value& item, const std::string& at) { graph.initializers.push_back(toInitializer(item, at, outlines)); });
  graph.inputs = toValues(field(object, "inputs"), "graph.inputs");
  graph.outputs = toValues(field(object, "outputs"), "graph.outputs");
  return graph;
}

DataSplit toSplit(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  DataSplit split;
  split.inputs = toFloats(field(object, "inputs"), argument + ".inputs");
  toEither(field(object, "targets"), argument + ".targets", split.targets, split.classes);
  const int64_t count = toInteger(field(object, "count"), argument + ".count");
  if (count < 0) failArgument(argument + ".count", "it must not be negative");
  split.count = static_cast<size_t>(count);
  return split;
}

AdvanceLimit toLimit(const Napi::Value& value) {
  const Napi::Object object = toObject(value, "limit");
  AdvanceLimit limit;
  const Napi::Value steps = field(object, "steps");
  const Napi::Value epochs = field(object, "epochs");
  const Napi::Value milliseconds = field(object, "milliseconds");
  if (!absent(steps)) limit.steps = toInteger(steps, "limit.steps");
  if (!absent(epochs)) limit.epochs = toInteger(epochs, "limit.epochs");
  if (!absent(milliseconds)) limit.milliseconds = toNumber(milliseconds, "limit.milliseconds");
  return limit;
}

/** Whole numbers that operators look things up by; a float holds those up to 2^24. */
static std::vector<float> exactFloats(const std::vector<int64_t>& integers, const std::string& argument) {
  constexpr int64_t kMostExact = int64_t{1} << 24;
  std::vector<float> floats;
  for (int64_t value : integers) {
    if (value < -kMostExact || value > kMostExact) failArgument(argument, std::to_string(value) + " is beyond 2^24");
    floats.push_back(static_cast<float>(value));
  }
  return floats;
}

std::vector<NamedTensor> toTensors(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  std::vector<NamedTensor> tensors;
  const Napi::Array names = object.GetPropertyNames();
  for (uint32_t i = 0; i < names.Length(); ++i) {
    NamedTensor tensor;
    tensor.name = names.Get(i).ToString();
    const std::string at = argument + "." + tensor.name;
    const Napi::Object item = toObject(object.Get(tensor.name), at);
    tensor.dims = toShape(field(item, "dims"), at + ".dims");
    std::vector<int64_t> integers;
    if (toEither(field(item, "data"), at + ".data", tensor.data, integers)) tensor.data = exactFloats(integers, at + ".data");
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Target toTarget(const Napi::Value& value) {
  const Napi::Object object = toObject(value, "target");
  Target target;
  target.dims = toShape(field(object, "dims"), "target.dims");
  toEither(field(object, "data"), "target.data", target.values, target.classes);
  return target;
}

int toThreads(const Napi::Value& options) {
  if (absent(options)) return 0;
  const Napi::Value threads = field(toObject(options, "options"), "threads");
  if (absent(threads)) return 0;
  const int64_t count = toInteger(threads, "threads");
  if (count < 0 || count > 1024) failArgument("threads", "0 (all processors) to 1024 is needed");
  return static_cast<int>(count);
}

Napi::Float32Array fromFloats(Napi::Env env, const std::vector<float>& values) {
  Napi::Float32Array array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

/** The array of a tensor of this name in `into`, where it is as long, filled with the values; otherwise a new one. */
static Napi::Value filledArray(Napi::Env env, const NamedTensor& tensor, const Napi::Object& into) {
  const Napi::Value known = into.IsEmpty() ? env.Undefined() : into.Get(tensor.name);
  const Napi::Value data = known.IsObject() ? known.As<Napi::Object>().Get("data") : env.Undefined();
  if (!data.IsTypedArray() || data.As<Napi::TypedArray>().TypedArrayType() != napi_float32_array) return fromFloats(env, tensor.data);
  Napi::Float32Array array = data.As<Napi::Float32Array>();
  if (array.ElementLength() != tensor.data.size()) return fromFloats(env, tensor.data);
  std::copy(tensor.data.begin(), tensor.data.end(), array.Data());
  return array;
}

Napi::Object fromTensors(Napi::Env env, const std::vector<NamedTensor>& tensors, const Napi::Object& into) {
  Napi::Object object = Napi::Object::New(env);
  for (const NamedTensor& tensor : tensors) {
    Napi::Object item = Napi::Object::New(env);
    Napi::Array dims = Napi::Array::New(env, tensor.dims.size());
    for (uint32_t i = 0; i < tensor.dims.size(); ++i) dims.Set(i, static_cast<double>(tensor.dims[i]));
    item.Set("dims", dims);
    item.Set("data", filledArray(env, tensor, into));
    object.Set(tensor.name, item);
  }
  return object;
}

Napi::Object fromScore(Napi::Env env, const Score& score, const std::vector<Metric>& metrics) {
  Napi::Object figures = Napi::Object::New(env);
  for (size_t i = 0; i < metrics.size(); ++i) {
    // A rank has no value while training, nor where there is one class only: then it is left out.
    if (metrics[i] == Metric::Auc && std::isnan(score.metrics[i])) continue;
    figures.Set(metricName(metrics[i]), score.metrics[i]);
  }
  Napi::Object object = Napi::Object::New(env);
  object.Set("loss", score.loss);
  object.Set("metrics", figures);
  return object;
}

Napi::Object fromReport(Napi::Env env, const AdvanceReport& report) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("reason", nameOf(report.reason));
  object.Set("step", static_cast<double>(report.step));
  object.Set("epoch", static_cast<double>(report.epoch));
  object.Set("sampleInEpoch", static_cast<double>(report.sampleInEpoch));
  object.Set("samplesPerEpoch", static_cast<double>(report.samplesPerEpoch));
  const EpochRecords& epochs = report.epochs;
  const size_t figures = epochs.size() * epochs.width();
  Napi::Float64Array rows = Napi::Float64Array::New(env, figures);
  std::copy_n(epochs.figures(), figures, rows.Data());
  object.Set("epochs", rows);
  Napi::Array losses = Napi::Array::New(env, report.batchLoss.size());
  Napi::Array lanes = Napi::Array::New(env, report.lanes.size());
  for (uint32_t i = 0; i < report.lanes.size(); ++i) {
    losses.Set(i, report.batchLoss[i]);
    lanes.Set(i, fromStatus(env, report.lanes[i]));
  }
  object.Set("batchLoss", losses);
  object.Set("lanes", lanes);
  return object;
}

Napi::Object fromDetails(Napi::Env env, const ErrorDetails& values) {
  Napi::Object details = Napi::Object::New(env);
  for (const auto& [name, value] : values) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      details.Set(name, *text);
    } else if (const auto* number = std::get_if<double>(&value)) {
      details.Set(name, *number);
    } else if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
      Napi::Array array = Napi::Array::New(env);
      for (uint32_t i = 0; i < numbers->size(); ++i) array.Set(i, (*numbers)[i]);
      details.Set(name, array);
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
      Napi::Array array = Napi::Array::New(env);
      for (uint32_t i = 0; i < texts->size(); ++i) array.Set(i, (*texts)[i]);
      details.Set(name, array);
    }
  }
  return details;
}

Napi::Error toError(Napi::Env env, const EngineError& error) {
  Napi::Error result = Napi::Error::New(env, error.what());
  result.Set("code", Napi::String::New(env, error.code()));
  result.Set("details", fromDetails(env, error.details()));
  return result;
}

EngineError currentError() {
  try {
    throw;
  } catch (const EngineError& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return {"engine.out-of-memory", "There is not enough memory. Use a smaller batch, a smaller network or fewer lanes."};
  } catch (const std::length_error&) {
    return {"engine.out-of-memory", "There is not enough memory. Use a smaller batch, a smaller network or fewer lanes."};
  } catch (const std::exception& error) {
    return {"engine.unexpected", error.what(), {{"reason", std::string(error.what())}}};
  }
}

}  // namespace deltalab::binding
