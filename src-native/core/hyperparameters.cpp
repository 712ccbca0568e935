#include "hyperparameters.h"

#include <cmath>
#include <limits>
#include <sstream>

namespace deltalab {

namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();

NumberSetting atLeastZero(const char* name, double LaneSettings::*field) { return {name, field, 0, kUnbounded, true, false}; }

std::string boundsOf(const NumberSetting& setting) {
  std::ostringstream text;
  text << "it must be finite and " << (setting.lowestAllowed ? "at least " : "above ") << setting.lowest;
  if (std::isfinite(setting.highest)) text << " and " << (setting.highestAllowed ? "at most " : "below ") << setting.highest;
  return text.str();
}

}  // namespace

const std::vector<NumberSetting>& numberSettings() {
  using Lane = LaneSettings;
  static const std::vector<NumberSetting> table{
      atLeastZero("learningRate", &Lane::learningRate),
      atLeastZero("momentum", &Lane::momentum),
      {"dampening", &Lane::dampening, -kUnbounded, kUnbounded, false, false},
      atLeastZero("weightDecay", &Lane::weightDecay),
      {"beta1", &Lane::beta1, 0, 1, true, false},
      {"beta2", &Lane::beta2, 0, 1, true, false},
      {"alpha", &Lane::alpha, 0, 1, true, true},
      {"rho", &Lane::rho, 0, 1, true, true},
      atLeastZero("epsilon", &Lane::epsilon),
      atLeastZero("learningRateDecay", &Lane::learningRateDecay),
      atLeastZero("initialAccumulator", &Lane::initialAccumulator),
      {"etaMinus", &Lane::etaMinus, 0, 1, false, false},
      {"etaPlus", &Lane::etaPlus, 1, kUnbounded, false, false},
      atLeastZero("minStep", &Lane::minStep),
      {"maxStep", &Lane::maxStep, 0, kUnbounded, false, false},
      atLeastZero("l1", &Lane::l1),
      atLeastZero("maxNorm", &Lane::maxNorm),
      atLeastZero("clipValue", &Lane::clipValue),
      atLeastZero("clipNorm", &Lane::clipNorm),
  };
  return table;
}

const std::vector<SwitchSetting>& switchSettings() {
  static const std::vector<SwitchSetting> table{
      {"nesterov", &LaneSettings::nesterov}, {"amsgrad", &LaneSettings::amsgrad}, {"centered", &LaneSettings::centered}};
  return table;
}

SettingIssue checkSettings(const LaneSettings& settings, OptimizerKind optimizer) {
  for (const NumberSetting& setting : numberSettings()) {
    const double value = settings.*setting.field;
    const bool above = setting.lowestAllowed ? value >= setting.lowest : value > setting.lowest;
    const bool below = setting.highestAllowed ? value <= setting.highest : value < setting.highest;
    if (!above || !below || !std::isfinite(value)) return {setting.name, boundsOf(setting)};
  }
  if (optimizer == OptimizerKind::Sgd && settings.nesterov && (settings.momentum <= 0 || settings.dampening != 0)) {
    return {"nesterov", "it needs a momentum above 0 and a dampening of 0"};
  }
  if (optimizer == OptimizerKind::Rprop && settings.weightDecay != 0) {
    return {"weightDecay", "Rprop reads the signs of gradients only and has no weight decay: set it to 0"};
  }
  if (settings.minStep > settings.maxStep) return {"minStep", "it must not be above maxStep"};
  return {};
}

}  // namespace deltalab
