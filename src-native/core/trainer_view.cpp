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
  return evaluator_->predict(lane, inputs.data(), count);
}

Score Trainer::evaluate(int lane, const DataSplit& data) {
  laneAt(lane);
  checkSplit("given", data);
  std::vector<unsigned char> only(lanes_.size(), 0);
  only[static_cast<size_t>(lane)] = 1;
  const LaneSet set{static_cast<int>(lanes_.size()), only.data(), 1};
  evaluator_->evaluate(data, scoring_->spread(data.targetsFrom(0, columns_), data.count), set, scores_);
  return scores_[static_cast<size_t>(lane)];
}

std::vector<NamedTensor> Trainer::weights(int lane) const {
  laneAt(lane);
  std::vector<NamedTensor> result;
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    if (parameter.integer) continue;
    result.push_back({parameter.name, parameter.dims, valuesFrom(parameter, lane, parameter.count)});
  }
  return result;
}

std::vector<float> Trainer::valuesFrom(const Parameter<float>& parameter, int lane, size_t count) const {
  std::vector<float> values(count);
  if (DeviceBackend* device = model_.device()) device->copyFrom(values.data(), parameter.values(lane), count * sizeof(float));
  else std::copy_n(parameter.values(lane), count, values.begin());
  return values;
}

std::vector<float> Trainer::bestOf(int index) const {
  const Lane& lane = lanes_[static_cast<size_t>(index)];
  if (!lane.status.bestLoss) return {};
  return device_ ? device_->best(index) : lane.best;
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
  for (size_t i = 0; i < model_.parameters().all().size(); ++i) {
    norms.push_back(factor * (device_ ? device_->directionNorm(i, index) : updater_->directionNorm(i, index)));
  }
  return norms;
}

std::vector<Norms> Trainer::norms(int index) const {
  const std::vector<double> updates = updateNorms(laneAt(index));
  std::vector<Norms> result;
  size_t place = 0;
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    const double update = updates[place++];
    if (parameter.integer) continue;
    result.push_back({parameter.name, std::sqrt(sumOfSquares(valuesFrom(parameter, index, parameter.count).data(), parameter.count)), update});
  }
  return result;
}

}  // namespace deltalab
