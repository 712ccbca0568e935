#include "trainer_check.h"

#include <algorithm>
#include <cmath>

#include "errors.h"
#include "trainer.h"

namespace deltalab {

size_t rowsOfBatch(const TrainPlan& plan) {
  const size_t count = plan.training.count;
  const size_t wanted = plan.batchSize <= 0 ? count : static_cast<size_t>(plan.batchSize);
  return std::max<size_t>(1, std::min(wanted, count));
}

size_t rowsOfStart(const TrainPlan& plan) { return std::min<size_t>(plan.training.count, 8192); }

void checkPlan(const TrainPlan& plan, const std::vector<std::unique_ptr<LaneGroup>>& groups) {
  const auto fail = [](const char* setting, const std::string& reason) {
    throw EngineError("plan.setting", std::string("The setting ") + setting + ": " + reason,
                      {{"setting", std::string(setting)}, {"reason", reason}});
  };
  if (plan.lanes.empty()) fail("lanes", "at least one lane is needed");
  const Graph& graph = groups[0]->model.graph();
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    fail("graph", "a network with one input and one output is needed");
  }
  const Shape& input = graph.inputs[0].dims;
  if (input.empty() || input[0] != -1) fail("graph", "the first dimension of the input must be the batch (-1)");
  for (size_t i = 1; i < input.size(); ++i) {
    if (input[i] < 1) fail("graph", "the dimensions of the input " + toText(input) + " must be positive");
  }
  if (plan.batchSize < 0) fail("batchSize", "it must be 0 (full batch) or positive");
  if (plan.epochs < 0) fail("epochs", "it must not be negative");
  if (plan.training.count == 0) fail("training", "there are no samples");
  if (plan.validation && plan.validation->count == 0) fail("validation", "there are no samples; give null instead");
  if (!(plan.divergenceFactor > 1)) fail("divergenceFactor", "it must be above 1");
  if (plan.precision != Precision::Float32 && !groups[0]->model.device()) {
    fail("precision", "the processor computes in float32 only; choose float32 or a graphics card");
  }
  for (const LaneSettings& lane : plan.lanes) {
    const SettingIssue issue = checkSettings(lane, plan.optimizer);
    if (!issue.setting.empty()) fail(issue.setting.c_str(), issue.reason);
  }
  const char* setting = "";
  if (const char* issue = issueOf(plan.schedule, setting)) fail(setting, issue);
  if (plan.patience && *plan.patience < 1) fail("patience", "it must be at least 1");
  if (!std::isfinite(plan.minImprovement) || plan.minImprovement < 0) {
    fail("minImprovement", "it must be finite and not negative");
  }
  if (plan.maxSeconds && !(*plan.maxSeconds > 0)) fail("maxSeconds", "it must be above 0");
}

std::unique_ptr<Scoring> scoringFor(const TrainPlan& plan, const Operand<float>& output) {
  if (!output.needsGradient) {
    throw EngineError("plan.nothing-to-train", "The output of the network does not depend on any trainable weight");
  }
  const size_t columns = output.shape.empty() ? 0 : elementCount(output.shape, 1);
  auto scoring = std::make_unique<Scoring>(plan.loss, plan.metrics, columns, plan.lossOptions, plan.targetScales);
  scoring->checkOutput(output.shape, rowsOfBatch(plan));
  return scoring;
}

void Trainer::checkSplit(const char* name, const DataSplit& data) const {
  const auto fail = [&](const std::string& reason) {
    throw EngineError("plan.data", std::string("The ") + name + " data: " + reason,
                      {{"split", std::string(name)}, {"reason", reason}});
  };
  const size_t row = model_.inputRow();
  if (data.count == 0) fail("there are no samples");
  if (data.inputs.size() != data.count * row) {
    fail(std::to_string(data.inputs.size()) + " input values for " + std::to_string(data.count) + " samples of " +
         std::to_string(row));
  }
  const auto checkFinite = [&](const char* what, const std::vector<float>& values, size_t columns) {
    const auto odd = std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
    if (odd == values.end()) return;
    const size_t at = static_cast<size_t>(odd - values.begin());
    fail("sample " + std::to_string(at / columns) + ", counted from 0, has the " + what + " " + std::to_string(*odd) +
         " in its column " + std::to_string(at % columns) + "; finite numbers are needed");
  };
  checkFinite("input", data.inputs, row);
  if (!scoring_->loss().classes) {
    if (!data.classes.empty()) fail(std::string("the loss ") + scoring_->loss().name + " needs float targets");
    if (data.targets.size() != data.count * columns_) {
      fail(std::to_string(data.targets.size()) + " target values for " + std::to_string(data.count) + " samples of " +
           std::to_string(columns_) + " outputs");
    }
    checkFinite("target", data.targets, columns_);
    const auto below = std::find_if(data.targets.begin(), data.targets.end(), [](float value) { return value < 0; });
    if (scoring_->loss().shares && below != data.targets.end()) {
      fail("sample " + std::to_string(static_cast<size_t>(below - data.targets.begin()) / columns_) + ", counted from 0, has the target " +
           std::to_string(*below) + "; the loss " + scoring_->loss().name + " needs shares of at least 0");
    }
    return;
  }
  if (data.classes.size() != data.count) {
    fail(std::to_string(data.classes.size()) + " class indices (int64) for " + std::to_string(data.count) + " samples");
  }
  for (size_t i = 0; i < data.count; ++i) {
    if (data.classes[i] < 0 || data.classes[i] >= static_cast<int64_t>(columns_)) {
      fail("sample " + std::to_string(i) + " has the class " + std::to_string(data.classes[i]) + ", but the network has " +
           std::to_string(columns_) + " outputs");
    }
  }
}

}  // namespace deltalab
