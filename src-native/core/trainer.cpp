#include "trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "errors.h"
#include "stop_watch.h"
#include "trainer_check.h"

namespace deltalab {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/** Whoever asks for a slice of time also has to look through its records: these take some milliseconds. */
constexpr size_t kMostRecordsOfASlice = 50000;

/** Gathered batches of a round, in floats (4 MiB), and the most of them. */
constexpr size_t kRoundFloats = 1 << 20;
constexpr size_t kMostBatches = 256;
/** The same for a lone lane whose steps are short: in floats of the first-level cache. */
constexpr size_t kShortFloats = 2048;
/** Multiply-adds of a step below which threads that share it would mostly wait for each other. */
constexpr size_t kSharedWork = 1 << 20;

}  // namespace

Trainer::Trainer(TrainPlan plan, DeviceBackend* device)
    : Trainer(std::move(plan), device ? std::vector<DeviceBackend*>{device} : std::vector<DeviceBackend*>()) {}

Trainer::Trainer(TrainPlan plan, const std::vector<DeviceBackend*>& devices)
    : plan_(std::move(plan)),
      groups_(makeGroups(std::move(plan_.graph), std::max<size_t>(1, plan_.lanes.size()), plan_.threads, devices, plan_.precision)),
      model_(groups_[0]->model),
      onDevices_(!devices.empty()),
      batch_(rowsOfBatch(plan_)),
      generator_(plan_.seed) {
  checkPlan(plan_, groups_);
  row_ = model_.inputRow();
  const size_t lanes = plan_.lanes.size();
  const size_t rest = plan_.training.count % batch_;
  if (onDevices_) {
    for (const auto& group : groups_) group->training = std::make_unique<DeviceTraining>(group->model, batch_, rest);
    // To wait after every step would leave a card idle; a round that takes too long is made shorter.
    roundSteps_ = 8;
  }
  const size_t runners = onDevices_ ? 0 : std::min(lanes, static_cast<size_t>(model_.pool().threads()));
  for (size_t i = 0; i < runners; ++i) runners_.push_back(std::make_unique<LaneRunner>(model_, batch_, rest));

  const auto outputFor = [&](size_t rows) -> const Operand<float>& { return onDevices_ ? groups_[0]->training->output(rows) : runners_[0]->output(rows); };
  scoring_ = scoringFor(plan_, outputFor(batch_));
  columns_ = scoring_->columns();
  if (rest != 0) scoring_->checkOutput(outputFor(rest).shape, rest);
  checkSplit("training", plan_.training);
  if (plan_.validation) checkSplit("validation", *plan_.validation);

  for (const auto& runner : runners_) runner->useScoring(*scoring_, plan_.validation ? plan_.validation->count : 0);
  lanesEndEpochs_ = !onDevices_ && (!plan_.validation || runners_[0]->validates());
  own_ = ownValuesOf(model_);
  for (const OwnValues& own : own_) ownCount_ += own.count;
  updateLayout_.emplace(model_, optimizerOf(plan_.optimizer), plan_.lanes, lanes);
  if (!onDevices_) updater_ = std::make_unique<Updater>(model_, plan_.optimizer, plan_.lanes);
  for (const auto& group : groups_) group->prepare(plan_, *scoring_);
  trainingSpread_ = scoring_->spread(plan_.training.targetsFrom(0, columns_), plan_.training.count);
  if (plan_.validation) validationSpread_ = scoring_->spread(plan_.validation->targetsFrom(0, columns_), plan_.validation->count);

  lanes_.resize(lanes);
  for (size_t i = 0; i < lanes; ++i) {
    lanes_[i].settings = plan_.lanes[i];
    lanes_[i].status.learningRate = plan_.lanes[i].learningRate;
    lanes_[i].records = EpochRecords(plan_.metrics.size(), plan_.validation.has_value());
    lanes_[i].keptNorms.assign(model_.parameters().all().size(), 0.0);
  }
  active_.assign(lanes, 1);
  for (size_t i = 0; i < lanes; ++i) running_.push_back(static_cast<int>(i));

  // A lone lane takes its batches one by one, unless they are short; several take some in turns, so that a lane's weights are fetched
  // once for all of them.
  const size_t batchFloats = batch_ * row_;
  sharesSteps_ = batch_ * ownCount_ >= kSharedWork;
  if (lanes > 1) mostBatches_ = std::clamp<size_t>(kRoundFloats / batchFloats, 1, kMostBatches);
  else if (!onDevices_ && runners_[0]->chain()) mostBatches_ = std::clamp<size_t>(kShortFloats / batchFloats, 1, kMostBatches);
  batches_.reserve(mostBatches_);
  if (plan_.shuffle) {
    order_.resize(plan_.training.count);
  }
  if (plan_.shuffle && !onDevices_) {
    batchInputs_ = AlignedBuffer<float>(mostBatches_ * batchFloats);
    if (plan_.training.classes.empty()) batchTargets_.resize(mostBatches_ * batch_ * columns_);
    else batchClasses_.resize(mostBatches_ * batch_);
  }
  tallies_.assign(lanes, scoring_->emptyTally());
  batchLoss_.assign(lanes, kNaN);
  scores_.resize(lanes);
  fingerprint_ = fingerprint();
  if (plan_.epochs == 0) {
    for (Lane& lane : lanes_) freeze(lane, LaneState::Finished, now());
    refreshLanes();
  }
}

const Trainer::Lane& Trainer::laneAt(int lane) const {
  if (lane < 0 || static_cast<size_t>(lane) >= lanes_.size()) {
    const std::string reason = "there are " + std::to_string(lanes_.size()) + " lanes, from 0";
    throw EngineError("engine.argument", "Lane " + std::to_string(lane) + ": " + reason,
                      {{"argument", std::string("lane")}, {"reason", reason}});
  }
  return lanes_[static_cast<size_t>(lane)];
}

Trainer::Lane& Trainer::laneAt(int lane) { return const_cast<Lane&>(static_cast<const Trainer*>(this)->laneAt(lane)); }

LaneGroup& Trainer::groupOf(int lane) const {
  return **std::find_if(groups_.begin(), groups_.end(), [&](const auto& group) { return group->has(lane); });
}

std::vector<LaneGroup*> Trainer::groupsOf(const LaneSet& lanes) const {
  std::vector<LaneGroup*> some;
  for (const auto& group : groups_) {
    if (group->of(lanes).activeCount > 0) some.push_back(group.get());
  }
  return some;
}

LaneSet Trainer::laneSet() const {
  const int count = static_cast<int>(lanes_.size()), running = static_cast<int>(running_.size());
  return {count, running == count ? nullptr : active_.data(), running};
}

void Trainer::dropFrozen() {
  const auto isFrozen = [&](int lane) { return active_[static_cast<size_t>(lane)] == 0; };
  running_.erase(std::remove_if(running_.begin(), running_.end(), isFrozen), running_.end());
}

void Trainer::freeze(Lane& lane, LaneState state, const Moment& moment) {
  lane.keptNorms = updateNorms(lane);
  lane.started = false;
  lane.status.state = state;
  lane.status.step = moment.step;
  lane.status.epoch = moment.epoch + (moment.position > 0 ? 1 : 0);
  active_[laneIndex(lane)] = 0;
  frozen_.store(true, std::memory_order_relaxed);
}

AdvanceReport Trainer::advance(const AdvanceLimit& limit) {
  AdvanceReport report;
  report.epochs = EpochRecords(plan_.metrics.size(), plan_.validation.has_value());
  StopWatch watch(limit.milliseconds);
  const int64_t firstStep = step_;
  const int64_t firstEpoch = epoch_;
  StopWatch left(plan_.maxSeconds ? std::optional<double>(1000 * (*plan_.maxSeconds - seconds_)) : std::nullopt);
  for (;;) {
    // An epoch is over, and a step done, when what follows it is evaluated.
    const bool between = !evaluates();
    if (between && running_.empty()) {
      report.reason = Reason::Finished;
    } else if (interrupted_.load(std::memory_order_relaxed)) {
      report.reason = Reason::Interrupted;
    } else if (between && limit.steps && step_ - firstStep >= *limit.steps) {
      report.reason = Reason::Steps;
    } else if (between && limit.epochs && epoch_ - firstEpoch >= *limit.epochs) {
      report.reason = Reason::Epochs;
    } else if (watch.expired() || (limit.milliseconds && report.epochs.size() >= kMostRecordsOfASlice)) {
      report.reason = Reason::Time;
    } else if (!between) {
      evaluateNext(report.epochs);
      continue;
    } else if (left.expired()) {
      endAll(LaneState::TimeUp);
      continue;
    } else {
      constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
      round(limit.steps ? *limit.steps - (step_ - firstStep) : kAny, limit.epochs ? *limit.epochs - (epoch_ - firstEpoch) : kAny,
            report.epochs);
      continue;
    }
    break;
  }
  if (plan_.maxSeconds) seconds_ += left.seconds();
  report.step = step_;
  report.epoch = epoch_;
  report.sampleInEpoch = static_cast<int64_t>(position_);
  report.samplesPerEpoch = static_cast<int64_t>(plan_.training.count);
  for (size_t i = 0; i < lanes_.size(); ++i) {
    report.batchLoss.push_back(active_[i] ? batchLoss_[i] : kNaN);
    report.lanes.push_back(lanes_[i].status);
  }
  return report;
}

void Trainer::setLearningRate(int lane, double learningRate) {
  if (!std::isfinite(learningRate) || learningRate < 0) {
    throw EngineError("engine.argument", "The learning rate must be finite and not negative",
                      {{"argument", std::string("learningRate")}, {"reason", std::string("it must be finite and not negative")}});
  }
  laneAt(lane).settings.learningRate = learningRate;
  // A rate set by hand is meant as it is, not times what earlier plateaus took off.
  laneAt(lane).plateau.reductions = 0;
  laneAt(lane).status.learningRate = learningRate;
}

void Trainer::stopLane(int index) {
  Lane& lane = laneAt(index);
  if (lane.status.state != LaneState::Running) return;
  freeze(lane, LaneState::Stopped, now());
  refreshLanes();
}

}  // namespace deltalab
