#include <algorithm>
#include <cmath>
#include <limits>

#include "trainer.h"

// What a trainer decides between steps: what an epoch has come to, and whether a lane goes on.

namespace deltalab {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/** Most training rows that are evaluated before the first step, so that the start of a training does not take an epoch's time. */
constexpr size_t kStartRows = 8192;

/** `most` rows of the split, evenly spread: data are often sorted. */
DataSplit spreadSample(const DataSplit& data, size_t most, size_t row, size_t columns) {
  DataSplit sample;
  sample.count = most;
  for (size_t i = 0; i < most; ++i) {
    const size_t from = data.count * i / most;
    sample.inputs.insert(sample.inputs.end(), data.inputs.begin() + static_cast<std::ptrdiff_t>(from * row),
                         data.inputs.begin() + static_cast<std::ptrdiff_t>((from + 1) * row));
    if (!data.classes.empty()) {
      sample.classes.push_back(data.classes[from]);
    } else {
      sample.targets.insert(sample.targets.end(), data.targets.begin() + static_cast<std::ptrdiff_t>(from * columns),
                            data.targets.begin() + static_cast<std::ptrdiff_t>((from + 1) * columns));
    }
  }
  return sample;
}

}  // namespace

bool Trainer::survives(Lane& lane, const Moment& moment) {
  // One odd batch proves little, an epoch does (finishEpoch): a single batch must be far beyond the limit.
  constexpr double kBatchMargin = 100;
  const double loss = batchLoss_[laneIndex(lane)];
  if (std::isfinite(loss) && loss <= kBatchMargin * divergenceLimit()) return true;
  diverge(lane, loss, moment);
  return false;
}

void Trainer::diverge(Lane& lane, double loss, const Moment& moment) {
  freeze(lane, LaneState::Diverged, moment);
  lane.status.cause = std::isfinite(loss) ? Cause::Grown : Cause::NotFinite;
  lane.status.loss = loss;
  batchLoss_[laneIndex(lane)] = kNaN;
}

bool Trainer::hasFiniteWeights(int lane) const {
  const std::vector<Parameter<float>>& parameters = model_.parameters().all();
  return std::all_of(parameters.begin(), parameters.end(), [&](const Parameter<float>& parameter) {
    const float* values = parameter.values(lane);
    const bool moves = parameter.reached || parameter.kind == ParameterKind::Running;
    return !moves || std::all_of(values, values + parameter.count, [](float value) { return std::isfinite(value); });
  });
}

/** `step` already counts the step in hand, epoch_ counts whole epochs only. */
double Trainer::rateOf(const Lane& lane, int64_t step) const {
  const Schedule& schedule = plan_.schedule;
  if (schedule.constant()) return lane.settings.learningRate;
  return rateAt(schedule, lane.settings.learningRate, schedule.perStep ? step - 1 : epoch_, totalTime(), lane.plateau);
}

int64_t Trainer::totalTime() const {
  const int64_t steps = static_cast<int64_t>((plan_.training.count + batch_ - 1) / batch_);
  return plan_.schedule.perStep ? plan_.epochs * steps : plan_.epochs;
}

bool Trainer::hasStalled(Lane& lane, double loss) const {
  if (!plan_.patience) return false;
  if (loss < lane.bestJudged - plan_.minImprovement) {
    lane.bestJudged = loss;
    lane.waited = 0;
    return false;
  }
  return ++lane.waited >= *plan_.patience;
}

void Trainer::endAll(LaneState state) {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (active_[i]) freeze(lanes_[i], state);
  }
  refreshLanes();
}

void Trainer::keepBest(int index, double loss, int64_t epoch) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  if (!(loss < lane.status.bestLoss.value_or(std::numeric_limits<double>::infinity()))) return;
  lane.status.bestLoss = loss;
  lane.status.bestEpoch = epoch;
  lane.best.resize(keptCount());
  auto to = lane.best.begin();
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    if (parameter.perLane()) to = std::copy(parameter.values(index), parameter.values(index) + parameter.count, to);
  }
}

size_t Trainer::keptCount() const {
  size_t count = 0;
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    if (parameter.perLane()) count += parameter.count;
  }
  return count;
}

void Trainer::finishEpoch(std::vector<EpochRecord>& records) {
  ++epoch_;
  position_ = 0;
  if (plan_.validation && activeCount_ > 0) evaluator_->evaluate(*plan_.validation, validationSpread_, laneSet(), scores_);
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (!active_[i]) continue;
    Lane& lane = lanes_[i];
    EpochRecord& record = records.emplace_back();
    record.lane = static_cast<int>(i);
    record.epoch = epoch_;
    record.step = step_;
    record.learningRate = lane.lastRate;
    record.training.loss = tallies_[i].loss / tallies_[i].weight;
    scoring_->figures(tallies_[i], trainingSpread_, kNaN, record.training.metrics);
    if (plan_.validation) record.validation = scores_[i];
    const double judged = record.validation ? record.validation->loss : record.training.loss;
    if (!(record.training.loss <= divergenceLimit())) {
      diverge(lane, record.training.loss, {step_, position_});
      continue;
    }
    // The training loss is of before the last step; what that step did shows in the weights and the validation loss only.
    if (!std::isfinite(judged) || !hasFiniteWeights(static_cast<int>(i))) {
      diverge(lane, std::isfinite(judged) ? kNaN : judged, {step_, position_});
      continue;
    }
    if (!keepsBestBeforeStep()) keepBest(static_cast<int>(i), judged, epoch_);
    watchPlateau(plan_.schedule, lane.settings.learningRate, judged, lane.plateau);
    const bool stalled = hasStalled(lane, judged);
    if (plan_.targetLoss && record.training.loss <= *plan_.targetLoss) freeze(lane, LaneState::TargetReached);
    else if (stalled) freeze(lane, LaneState::NoImprovement);
    else if (epoch_ >= plan_.epochs) freeze(lane, LaneState::Finished);
  }
  refreshLanes();
}

/** Epoch 0: all lanes have the same weights, so one is evaluated for all. Of many training rows a sample tells enough. */
void Trainer::reportStart(std::vector<EpochRecord>& records) {
  const std::vector<unsigned char> first = [&] {
    std::vector<unsigned char> lanes(lanes_.size(), 0);
    lanes[0] = 1;
    return lanes;
  }();
  const LaneSet set{static_cast<int>(lanes_.size()), first.data(), 1};
  EpochRecord record;
  if (plan_.training.count > kStartRows) {
    const DataSplit sample = spreadSample(plan_.training, kStartRows, model_.inputRow(), columns_);
    evaluator_->evaluate(sample, scoring_->spread(sample.targetsFrom(0, columns_), sample.count), set, scores_);
  } else {
    evaluator_->evaluate(plan_.training, trainingSpread_, set, scores_);
  }
  record.training = scores_[0];
  if (plan_.validation) {
    evaluator_->evaluate(*plan_.validation, validationSpread_, set, scores_);
    record.validation = scores_[0];
  }
  for (size_t i = 0; i < lanes_.size(); ++i) {
    record.lane = static_cast<int>(i);
    record.learningRate = rateAt(plan_.schedule, lanes_[i].settings.learningRate, 0, totalTime(), lanes_[i].plateau);
    records.push_back(record);
  }
  // A start that overflows says nothing: as a limit it would call every later loss grown (NaN), or none (infinity).
  const double start = records.back().training.loss;
  referenceLoss_ = std::isfinite(start) ? std::max(start, knowNothingLoss()) : knowNothingLoss();
  startReported_ = true;
}

/** Loss of the answer that knows nothing of the inputs: equal chances for classes, the mean for numbers. */
double Trainer::knowNothingLoss() const {
  std::vector<double> answer(columns_, 0.0);
  const DataSplit& data = plan_.training;
  for (size_t i = 0; scoring_->loss().meanAnswer && i < columns_; ++i) {
    for (size_t row = 0; row < data.count; ++row) answer[i] += static_cast<double>(data.targets[row * columns_ + i]);
    answer[i] /= static_cast<double>(data.count);
  }
  // A row stride of 0: the same answer to all.
  const TargetRows targets = data.targetsFrom(0, columns_);
  const LossRows<double> rows{answer.data(), nullptr, 0, data.count, columns_, targets, 1, scoring_->options()};
  return runLoss(scoring_->loss(), rows) / scoring_->weightOf(targets, data.count);
}

}  // namespace deltalab
