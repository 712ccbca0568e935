#include <algorithm>
#include <cmath>

#include "../cpu/kernels/elementwise.h"
#include "errors.h"
#include "trainer.h"

// What a trainer shows of its lanes: outputs, scores, weights, norms.

namespace deltalab {

std::vector<float> Trainer::predict(int lane, const std::vector<float>& inputs, size_t count) {
  laneAt(lane);
  if (inputs.size() != count * model_.inputRow()) {
    const std::string reason = std::to_string(inputs.size()) + " values for " + std::to_string(count) + " rows of " +
                               std::to_string(model_.inputRow());
    throw EngineError("engine.argument", "predict: " + reason, {{"argument", std::string("inputs")}, {"reason", reason}});
  }
  const LaneGroup& group = groupOf(lane);
  return group.evaluator->predict(group.own(lane), inputs.data(), count);
}

Score Trainer::evaluate(int lane, const DataSplit& data) {
  laneAt(lane);
  checkSplit("given", data);
  std::vector<unsigned char> only(lanes_.size(), 0);
  only[static_cast<size_t>(lane)] = 1;
  const LaneSet set{static_cast<int>(lanes_.size()), only.data(), 1};
  const LaneGroup& group = groupOf(lane);
  group.evaluator->evaluate(data, scoring_->spread(data.targetsFrom(0, columns_), data.count), group.of(set), scores_.data() + group.first);
  return scores_[static_cast<size_t>(lane)];
}

std::vector<NamedTensor> Trainer::weights(int lane) const {
  laneAt(lane);
  std::vector<NamedTensor> result;
  const std::vector<Parameter<float>>& parameters = model_.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].integer) result.push_back({parameters[i].name, parameters[i].dims, valuesOf(i, lane)});
  }
  return result;
}

std::vector<float> Trainer::valuesOf(size_t parameter, int lane) const {
  std::vector<float> values(model_.parameters().all()[parameter].count);
  const LaneGroup& group = groupOf(lane);
  group.read(parameter, group.own(lane), 1, values.data());
  return values;
}

std::vector<float> Trainer::valuesOfAll(size_t parameter) const {
  const size_t count = model_.parameters().all()[parameter].count;
  std::vector<float> values(lanes_.size() * count);
  for (const auto& group : groups_) {
    group->read(parameter, 0, static_cast<size_t>(group->model.lanes()), values.data() + static_cast<size_t>(group->first) * count);
  }
  return values;
}

std::vector<float> Trainer::bestOf(int index) const {
  const Lane& lane = lanes_[static_cast<size_t>(index)];
  if (!lane.status.bestLoss) return {};
  const LaneGroup& group = groupOf(index);
  return onDevices_ ? group.training->best(group.own(index)) : lane.best;
}

std::optional<std::vector<NamedTensor>> Trainer::bestWeights(int index) const {
  laneAt(index);
  const std::vector<float> best = bestOf(index);
  if (best.empty()) return std::nullopt;
  std::vector<NamedTensor> result = weights(index);
  auto from = best.begin();
  size_t i = 0;
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    if (parameter.integer) continue;
    NamedTensor& tensor = result[i++];
    if (!parameter.perLane()) continue;
    std::copy(from, from + static_cast<std::ptrdiff_t>(parameter.count), tensor.data.begin());
    from += static_cast<std::ptrdiff_t>(parameter.count);
  }
  return result;
}

std::vector<double> Trainer::updateNorms(const Lane& lane) const {
  if (!lane.started) return lane.keptNorms;
  const int index = static_cast<int>(laneIndex(lane));
  const double factor = optimizerOf(plan_.optimizer).directionTimesRate ? lane.lastRate : 1;
  std::vector<double> norms;
  const LaneGroup& group = groupOf(index);
  for (size_t i = 0; i < model_.parameters().all().size(); ++i) {
    norms.push_back(factor * (onDevices_ ? group.training->directionNorm(i, group.own(index)) : updater_->directionNorm(i, index)));
  }
  return norms;
}

std::vector<Norms> Trainer::norms(int index) const {
  const std::vector<double> updates = updateNorms(laneAt(index));
  std::vector<Norms> result;
  const std::vector<Parameter<float>>& parameters = model_.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i].integer) continue;
    result.push_back({parameters[i].name, std::sqrt(sumOfSquares(valuesOf(i, index).data(), parameters[i].count)), updates[i]});
  }
  return result;
}

}  // namespace deltalab
