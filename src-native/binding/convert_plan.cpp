#include "../core/precision_names.h"
#include "../optimizers/optimizer.h"
#include "convert.h"

// A training plan: src-main/engine/native.ts, TrainPlan. What is left out keeps its default.

namespace deltalab::binding {

namespace {

void readNumber(const Napi::Object& object, const char* name, const std::string& argument, double& to) {
  const Napi::Value value = object.Get(name);
  if (!absent(value)) to = toNumber(value, argument + "." + name);
}

void readInteger(const Napi::Object& object, const char* name, const std::string& argument, int64_t& to) {
  const Napi::Value value = object.Get(name);
  if (!absent(value)) to = toInteger(value, argument + "." + name);
}

void readSwitch(const Napi::Object& object, const char* name, const std::string& argument, bool& to) {
  const Napi::Value value = object.Get(name);
  if (!absent(value)) to = toBoolean(value, argument + "." + name);
}

template <class Table>
std::string namesOf(const Table& table) {
  std::string names;
  for (const auto* entry : table) names += std::string(names.empty() ? "" : ", ") + entry->name;
  return names;
}

OptimizerKind toOptimizer(const Napi::Value& value) {
  if (absent(value)) return OptimizerKind::Sgd;
  const OptimizerDefinition* optimizer = findOptimizer(toText(value, "plan.optimizer"));
  if (!optimizer) failArgument("plan.optimizer", "one of " + namesOf(allOptimizers()) + " is needed");
  return optimizer->kind;
}

ScheduleKind toScheduleKind(const Napi::Value& value) {
  const std::string name = toText(value, "plan.schedule.kind");
  if (name == "constant") return ScheduleKind::Constant;
  if (name == "step") return ScheduleKind::Step;
  if (name == "exponential") return ScheduleKind::Exponential;
  if (name == "polynomial") return ScheduleKind::Polynomial;
  if (name == "cosine") return ScheduleKind::Cosine;
  if (name == "one-cycle") return ScheduleKind::OneCycle;
  if (name == "plateau") return ScheduleKind::Plateau;
  failArgument("plan.schedule.kind", "constant, step, exponential, polynomial, cosine, one-cycle or plateau is needed");
}

Schedule toSchedule(const Napi::Value& value) {
  Schedule schedule;
  if (absent(value)) return schedule;
  const std::string at = "plan.schedule";
  const Napi::Object object = toObject(value, at);
  schedule.kind = toScheduleKind(object.Get("kind"));
  readSwitch(object, "perStep", at, schedule.perStep);
  readInteger(object, "warmup", at, schedule.warmup);
  readNumber(object, "warmupStart", at, schedule.warmupStart);
  readInteger(object, "every", at, schedule.every);
  readNumber(object, "gamma", at, schedule.gamma);
  readInteger(object, "length", at, schedule.length);
  readNumber(object, "power", at, schedule.power);
  readInteger(object, "period", at, schedule.period);
  readInteger(object, "stretch", at, schedule.stretch);
  readNumber(object, "minimum", at, schedule.minimum);
  readNumber(object, "rise", at, schedule.rise);
  readNumber(object, "startDivisor", at, schedule.startDivisor);
  readNumber(object, "endDivisor", at, schedule.endDivisor);
  readSwitch(object, "linear", at, schedule.linear);
  readNumber(object, "factor", at, schedule.factor);
  readInteger(object, "patience", at, schedule.patience);
  readNumber(object, "threshold", at, schedule.threshold);
  readInteger(object, "cooldown", at, schedule.cooldown);
  return schedule;
}

Metric toMetric(const Napi::Value& value, const std::string& argument) {
  Metric metric = Metric::Accuracy;
  if (!findMetric(toText(value, argument), metric)) failArgument(argument, "one of " + metricNames() + " is needed");
  return metric;
}

}  // namespace

LaneSettings toLane(const Napi::Value& value, const std::string& argument) {
  const Napi::Object object = toObject(value, argument);
  LaneSettings lane;
  lane.learningRate = toNumber(object.Get("learningRate"), argument + ".learningRate");
  for (const NumberSetting& setting : numberSettings()) readNumber(object, setting.name, argument, lane.*setting.field);
  for (const SwitchSetting& setting : switchSettings()) readSwitch(object, setting.name, argument, lane.*setting.field);
  return lane;
}

LossKind toLoss(const Napi::Value& value) {
  const LossDefinition* loss = findLoss(toText(value, "loss"));
  if (!loss) failArgument("loss", "one of " + namesOf(allLosses()) + " is needed");
  return loss->kind;
}

Precision toPrecision(const Napi::Value& value, const std::string& argument) {
  Precision precision = Precision::Float32;
  if (!absent(value) && !findPrecision(toText(value, argument), precision)) failArgument(argument, "one of " + precisionNames() + " is needed");
  return precision;
}

LossOptions toLossOptions(const Napi::Value& value, const std::string& argument) {
  LossOptions options;
  if (absent(value)) return options;
  const Napi::Object object = toObject(value, argument);
  readNumber(object, "delta", argument, options.delta);
  readNumber(object, "labelSmoothing", argument, options.labelSmoothing);
  readNumber(object, "margin", argument, options.margin);
  const Napi::Value weights = object.Get("classWeights");
  if (!absent(weights)) {
    forEachItem(weights, argument + ".classWeights", [&](const Napi::Value& item, const std::string& at) {
      options.classWeights.push_back(static_cast<float>(toNumber(item, at)));
    });
  }
  return options;
}

TrainPlan toPlan(const Napi::Value& value, bool outlines) {
  const Napi::Object object = toObject(value, "plan");
  TrainPlan plan;
  plan.graph = toGraph(object.Get("graph"), outlines);
  plan.optimizer = toOptimizer(object.Get("optimizer"));
  forEachItem(object.Get("lanes"), "plan.lanes",
              [&](const Napi::Value& item, const std::string& at) { plan.lanes.push_back(toLane(item, at)); });
  plan.schedule = toSchedule(object.Get("schedule"));
  plan.loss = toLoss(object.Get("loss"));
  plan.lossOptions = toLossOptions(object.Get("lossOptions"), "plan.lossOptions");
  plan.training = toSplit(object.Get("training"), "plan.training");
  const Napi::Value validation = object.Get("validation");
  if (!absent(validation)) plan.validation = toSplit(validation, "plan.validation");
  plan.batchSize = toInteger(object.Get("batchSize"), "plan.batchSize");
  plan.shuffle = toBoolean(object.Get("shuffle"), "plan.shuffle");
  plan.seed = static_cast<uint64_t>(toInteger(object.Get("seed"), "plan.seed"));
  plan.epochs = toInteger(object.Get("epochs"), "plan.epochs");
  const Napi::Value target = object.Get("targetLoss");
  if (!absent(target)) plan.targetLoss = toNumber(target, "plan.targetLoss");
  const Napi::Value patience = object.Get("patience");
  if (!absent(patience)) plan.patience = toInteger(patience, "plan.patience");
  readNumber(object, "minImprovement", "plan", plan.minImprovement);
  const Napi::Value seconds = object.Get("maxSeconds");
  if (!absent(seconds)) plan.maxSeconds = toNumber(seconds, "plan.maxSeconds");
  plan.divergenceFactor = toNumber(object.Get("divergenceFactor"), "plan.divergenceFactor");
  plan.threads = toThreads(object);
  plan.precision = toPrecision(object.Get("precision"), "plan.precision");
  forEachItem(object.Get("metrics"), "plan.metrics",
              [&](const Napi::Value& item, const std::string& at) { plan.metrics.push_back(toMetric(item, at)); });
  const Napi::Value scales = object.Get("targetScales");
  if (!absent(scales)) {
    forEachItem(scales, "plan.targetScales",
                [&](const Napi::Value& item, const std::string& at) { plan.targetScales.push_back(toNumber(item, at)); });
  }
  return plan;
}

}  // namespace deltalab::binding
