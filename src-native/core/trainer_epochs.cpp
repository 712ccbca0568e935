#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "trainer.h"
#include "trainer_check.h"

// What a trainer decides between steps: what an epoch has come to, and whether a lane goes on.

namespace deltalab {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

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

/** Many without a way out before the end, so that it is done by vectors: an exponent of all ones is infinite or no number. */
inline bool allFinite(const float* values, size_t count) {
  constexpr uint32_t kExponent = 0x7f800000;
  const auto isOdd = [values](size_t i) {
    uint32_t bits;
    std::memcpy(&bits, values + i, sizeof bits);
    return (bits & kExponent) == kExponent;
  };
  if (count == 1) return !isOdd(0);
  uint32_t odd = 0;
  for (size_t i = 0; i < count; ++i) odd |= isOdd(i) ? 1U : 0U;
  return odd == 0;
}

}  // namespace

void Trainer::diverge(Lane& lane, double loss, const Moment& moment) {
  freeze(lane, LaneState::Diverged, moment);
  lane.status.cause = std::isfinite(loss) ? Cause::Grown : Cause::NotFinite;
  lane.status.loss = loss;
  batchLoss_[laneIndex(lane)] = kNaN;
}

bool Trainer::hasFiniteWeights(int lane) const {
  if (onDevices_) {
    const LaneGroup& group = groupOf(lane);
    return group.training->isFinite(group.own(lane));
  }
  for (const OwnValues& own : own_) {
    if (own.moves && !allFinite(own.of(lane), own.count)) return false;
  }
  return true;
}

double Trainer::rateOf(const Lane& lane, const Moment& moment) const {
  const Schedule& schedule = plan_.schedule;
  if (schedule.constant()) return lane.settings.learningRate;
  return rateAt(schedule, lane.settings.learningRate, schedule.perStep ? moment.step - 1 : moment.epoch, totalTime(), lane.plateau);
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
    if (active_[i]) freeze(lanes_[i], state, now());
  }
  refreshLanes();
}

void Trainer::keepBest(int index, double loss, int64_t epoch) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  if (!(loss < lane.status.bestLoss.value_or(std::numeric_limits<double>::infinity()))) return;
  lane.status.bestLoss = loss;
  lane.status.bestEpoch = epoch;
  if (onDevices_) {
    const LaneGroup& group = groupOf(index);
    return group.training->keepBest(group.own(index));
  }
  lane.best.resize(ownCount_);
  float* to = lane.best.data();
  for (const OwnValues& own : own_) {
    const float* const values = own.of(index);
    if (own.count == 1) *to++ = *values;
    else to = std::copy_n(values, own.count, to);
  }
}

bool Trainer::pass(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes) {
  const auto isUnderWay = [](const auto& group) { return group->pass.data != nullptr; };
  if (std::none_of(groups_.begin(), groups_.end(), isUnderWay)) {
    for (LaneGroup* group : groupsOf(lanes)) group->evaluator->begin(group->pass, data, spread, group->of(lanes));
  }
  const auto goesOn = [&](const auto& group) { return isUnderWay(group) && group->pass.done < data.count; };
  std::vector<LaneGroup*> asked;
  for (const auto& group : groups_) {
    if (goesOn(group)) asked.push_back(group.get());
  }
  for (LaneGroup* group : asked) group->evaluator->ask(group->pass);
  for (LaneGroup* group : asked) group->evaluator->take(group->pass);
  if (std::any_of(groups_.begin(), groups_.end(), goesOn)) return false;
  for (const auto& group : groups_) {
    if (!isUnderWay(group)) continue;
    group->evaluator->finish(group->pass, scores_.data() + group->first);
    group->pass.data = nullptr;
  }
  return true;
}

void Trainer::evaluateNext(EpochRecords& records) {
  if (!startReported_) return evaluateStart(records);
  const bool judged = plan_.validation && !running_.empty();
  if (judged && !pass(*plan_.validation, validationSpread_, laneSet())) return;
  if (onDevices_) {
    for (LaneGroup* group : groupsOf(laneSet())) group->training->findFinite();
  }
  for (int index : running_) {
    Moment moment = now();
    endEpoch(index, moment, records);
  }
  ++epoch_;
  position_ = 0;
  refreshLanes();
}

void Trainer::endEpoch(int index, Moment& moment, EpochRecords& records) {
  const size_t i = static_cast<size_t>(index);
  const Tally& tally = tallies_[i];
  ++moment.epoch;
  moment.position = 0;
  const double loss = tally.loss / tally.weight;
  double* figures = records.add(index, moment.epoch, moment.step, lanes_[i].lastRate, loss);
  scoring_->figures(tally, trainingSpread_, kNaN, figures);
  if (plan_.validation) {
    figures += plan_.metrics.size();
    *figures = scores_[i].loss;
    std::copy(scores_[i].metrics.begin(), scores_[i].metrics.end(), figures + 1);
  }
  judge(index, moment, loss);
}

void Trainer::judge(int index, const Moment& moment, double trainingLoss) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  const double judged = plan_.validation ? scores_[static_cast<size_t>(index)].loss : trainingLoss;
  if (!(trainingLoss <= divergenceLimit())) return diverge(lane, trainingLoss, moment);
  // The training loss is of before the last step; what that step did shows in the weights and the validation loss only.
  if (!std::isfinite(judged) || !hasFiniteWeights(index)) {
    return diverge(lane, std::isfinite(judged) ? kNaN : judged, moment);
  }
  if (!keepsBestBeforeStep()) keepBest(index, judged, moment.epoch);
  watchPlateau(plan_.schedule, lane.settings.learningRate, judged, lane.plateau);
  const bool stalled = hasStalled(lane, judged);
  if (plan_.targetLoss && trainingLoss <= *plan_.targetLoss) freeze(lane, LaneState::TargetReached, moment);
  else if (stalled) freeze(lane, LaneState::NoImprovement, moment);
  else if (moment.epoch >= plan_.epochs) freeze(lane, LaneState::Finished, moment);
}

/** Epoch 0: of many training rows a sample tells enough. */
void Trainer::evaluateStart(EpochRecords& records) {
  if (!start_) {
    start_ = std::make_unique<Start>();
    start_->first.assign(lanes_.size(), 0);
    start_->first[0] = 1;
    if (plan_.training.count > rowsOfStart(plan_)) {
      start_->sample = spreadSample(plan_.training, rowsOfStart(plan_), row_, columns_);
      start_->spread = scoring_->spread(start_->sample.targetsFrom(0, columns_), rowsOfStart(plan_));
    }
  }
  const LaneSet first{static_cast<int>(lanes_.size()), start_->first.data(), 1};
  const bool sampled = start_->sample.count > 0;
  if (!start_->training) {
    if (!pass(sampled ? start_->sample : plan_.training, sampled ? start_->spread : trainingSpread_, first)) return;
    start_->training = scores_[0];
  } else {
    if (!pass(*plan_.validation, validationSpread_, first)) return;
    return reportStart(*start_->training, scores_[0], records);
  }
  if (!plan_.validation) reportStart(*start_->training, std::nullopt, records);
}

void Trainer::reportStart(const Score& training, const std::optional<Score>& validation, EpochRecords& records) {
  for (size_t i = 0; i < lanes_.size(); ++i) {
    const double rate = rateAt(plan_.schedule, lanes_[i].settings.learningRate, 0, totalTime(), lanes_[i].plateau);
    records.add({static_cast<int>(i), 0, 0, rate, training, validation});
  }
  // A start that overflows says nothing: as a limit it would call every later loss grown (NaN), or none (infinity).
  referenceLoss_ = std::isfinite(training.loss) ? std::max(training.loss, knowNothingLoss()) : knowNothingLoss();
  startReported_ = true;
  start_.reset();
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
