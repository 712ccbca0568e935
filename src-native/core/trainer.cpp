#include "trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "errors.h"

namespace deltalab {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

size_t batchOf(const TrainPlan& plan) {
  const size_t count = plan.training.count;
  const size_t wanted = plan.batchSize <= 0 ? count : static_cast<size_t>(plan.batchSize);
  return std::max<size_t>(1, std::min(wanted, count));
}

/** Whoever asks for a slice of time also waits until its records are converted: these take about 10 ms. */
constexpr size_t kMostRecordsOfASlice = 2000;

/** A clock that is read only every so often: about once a millisecond, however short the steps are. */
class StopWatch {
 public:
  explicit StopWatch(std::optional<double> milliseconds) : limit_(milliseconds), start_(Clock::now()), last_(start_) {}

  bool expired() {
    if (!limit_ || ++skipped_ < every_) return false;
    skipped_ = 0;
    const Clock::time_point now = Clock::now();
    const double sinceLast = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    if (sinceLast < 0.5) every_ = std::min(every_ * 2, 1024);
    else if (sinceLast > 2) every_ = std::max(every_ / 2, 1);
    return std::chrono::duration<double, std::milli>(now - start_).count() >= *limit_;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<double> limit_;
  Clock::time_point start_;
  Clock::time_point last_;
  int every_ = 1;
  int skipped_ = 0;
};

}  // namespace

Trainer::Trainer(TrainPlan plan)
    : plan_(std::move(plan)),
      model_(std::move(plan_.graph), static_cast<int>(std::max<size_t>(1, plan_.lanes.size())), plan_.threads, true),
      batch_(batchOf(plan_)),
      generator_(plan_.seed) {
  check();
  const size_t lanes = plan_.lanes.size();
  full_ = &model_.program(batch_, ProgramMode::Training);
  const size_t rest = plan_.training.count % batch_;
  if (rest != 0) rest_ = &model_.program(rest, ProgramMode::Training);

  const Operand<float>& output = full_->output(0);
  if (!output.needsGradient) {
    throw EngineError("plan.nothing-to-train", "The output of the network does not depend on any trainable weight");
  }
  columns_ = output.shape.empty() ? 0 : elementCount(output.shape, 1);
  scoring_ = std::make_unique<Scoring>(plan_.loss, plan_.metrics, columns_, plan_.lossOptions);
  scoring_->checkOutput(output.shape, batch_);
  if (rest_) scoring_->checkOutput(rest_->output(0).shape, rest);
  checkSplit("training", plan_.training);
  if (plan_.validation) checkSplit("validation", *plan_.validation);

  objective_ = std::make_unique<Objective<float>>(*scoring_, static_cast<int>(lanes), batch_);
  evaluator_ = std::make_unique<Evaluator>(model_, *scoring_);
  evaluator_->prepare(plan_.training.count);
  trainingSpread_ = scoring_->spread(plan_.training.targetsFrom(0, columns_), plan_.training.count);
  if (plan_.validation) {
    evaluator_->prepare(plan_.validation->count);
    validationSpread_ = scoring_->spread(plan_.validation->targetsFrom(0, columns_), plan_.validation->count);
  }

  lanes_.resize(lanes);
  for (size_t i = 0; i < lanes; ++i) {
    lanes_[i].settings = plan_.lanes[i];
    lanes_[i].status.learningRate = plan_.lanes[i].learningRate;
    lanes_[i].keptNorms.assign(model_.parameters().all().size(), 0.0);
  }
  active_.assign(lanes, 1);
  refreshLanes();

  updater_ = std::make_unique<Updater>(model_, plan_.optimizer, plan_.lanes);
  updates_.reserve(lanes);

  if (plan_.shuffle) {
    order_.resize(plan_.training.count);
    batchInputs_ = AlignedBuffer<float>(batch_ * model_.inputRow());
    if (plan_.training.classes.empty()) batchTargets_.resize(batch_ * columns_);
    else batchClasses_.resize(batch_);
  }
  tallies_.assign(lanes, scoring_->emptyTally());
  batchLoss_.assign(lanes, kNaN);
  scores_.resize(lanes);
  fingerprint_ = fingerprint();
  if (plan_.epochs == 0) {
    for (Lane& lane : lanes_) freeze(lane, LaneState::Finished);
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

LaneSet Trainer::laneSet() const {
  const int count = static_cast<int>(lanes_.size());
  return {count, activeCount_ == count ? nullptr : active_.data(), activeCount_};
}

void Trainer::refreshLanes() {
  activeCount_ = 0;
  for (size_t i = 0; i < lanes_.size(); ++i) {
    active_[i] = lanes_[i].status.state == LaneState::Running ? 1 : 0;
    activeCount_ += active_[i];
  }
}

void Trainer::freeze(Lane& lane, LaneState state) {
  lane.keptNorms = updateNorms(lane);
  lane.started = false;
  lane.status.state = state;
  lane.status.step = step_;
  lane.status.epoch = epoch_ + (position_ > 0 ? 1 : 0);
  active_[laneIndex(lane)] = 0;
}

void Trainer::beginEpoch() {
  for (Tally& tally : tallies_) tally.clear();
  if (plan_.shuffle) generator_.randperm(order_.data(), order_.size());
}

TargetRows Trainer::nextBatch(Program<float>& program, size_t rows) {
  const DataSplit& data = plan_.training;
  const size_t row = model_.inputRow();
  if (!plan_.shuffle) {
    program.setInput(0, data.inputs.data() + position_ * row);
    return data.targetsFrom(position_, columns_);
  }
  const int64_t* order = order_.data() + position_;
  const auto copyRow = [&](size_t i) {
    const float* from = data.inputs.data() + static_cast<size_t>(order[i]) * row;
    std::copy(from, from + row, batchInputs_.data() + i * row);
  };
  constexpr size_t kRows = 16;
  if (model_.pool().threads() > 1 && rows * row >= kParallelElements) {
    model_.pool().forEach(static_cast<int>((rows + kRows - 1) / kRows), [&](int piece) {
      const size_t begin = static_cast<size_t>(piece) * kRows;
      for (size_t i = begin; i < std::min(rows, begin + kRows); ++i) copyRow(i);
    });
  } else {
    for (size_t i = 0; i < rows; ++i) copyRow(i);
  }
  program.setInput(0, batchInputs_.data());
  if (!data.classes.empty()) {
    for (size_t i = 0; i < rows; ++i) batchClasses_[i] = data.classes[static_cast<size_t>(order[i])];
    return {nullptr, batchClasses_.data()};
  }
  for (size_t i = 0; i < rows; ++i) {
    const float* from = data.targets.data() + static_cast<size_t>(order[i]) * columns_;
    std::copy(from, from + columns_, batchTargets_.data() + i * columns_);
  }
  return {batchTargets_.data(), nullptr};
}

/** One batch of all running lanes. */
void Trainer::step() {
  if (position_ == 0) beginEpoch();
  const size_t rows = std::min(batch_, plan_.training.count - position_);
  Program<float>& program = rows == batch_ ? *full_ : *rest_;
  const TargetRows targets = nextBatch(program, rows);
  Run run{model_.pool(), model_.workspace(), laneSet(), {plan_.seed, static_cast<uint64_t>(step_)}};
  program.forward(run);
  objective_->run(run, program.output(0), targets, true, tallies_.data(), batchLoss_.data());
  ++step_;
  position_ += rows;
  watchDivergence();
  for (size_t i = 0; keepsBestBeforeStep() && i < lanes_.size(); ++i) {
    const double loss = tallies_[i].loss / tallies_[i].weight;
    // Above the limit the lane is about to be called diverged (finishEpoch).
    if (active_[i] && loss <= divergenceLimit()) keepBest(static_cast<int>(i), loss, epoch_ + 1);
  }
  if (activeCount_ > 0) {
    run.lanes = laneSet();
    program.backward(run);
    update(run);
  }
  progress_.store(step_, std::memory_order_relaxed);
}

/** Freezes lanes whose batch is lost, before this step changes their weights. */
void Trainer::watchDivergence() {
  // One odd batch proves little, an epoch does (finishEpoch): a single batch must be far beyond the limit.
  constexpr double kBatchMargin = 100;
  bool changed = false;
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (!active_[i]) continue;
    const double loss = batchLoss_[i];
    if (std::isfinite(loss) && loss <= kBatchMargin * divergenceLimit()) continue;
    diverge(lanes_[i], loss);
    changed = true;
  }
  if (changed) refreshLanes();
}

void Trainer::diverge(Lane& lane, double loss) {
  freeze(lane, LaneState::Diverged);
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

/** step_ already counts the step in hand, epoch_ counts whole epochs only. */
double Trainer::rateOf(const Lane& lane) const {
  const Schedule& schedule = plan_.schedule;
  if (schedule.constant()) return lane.settings.learningRate;
  return rateAt(schedule, lane.settings.learningRate, schedule.perStep ? step_ - 1 : epoch_, totalTime(), lane.plateau);
}

int64_t Trainer::totalTime() const {
  const int64_t steps = static_cast<int64_t>((plan_.training.count + batch_ - 1) / batch_);
  return plan_.schedule.perStep ? plan_.epochs * steps : plan_.epochs;
}

void Trainer::update(Run& run) {
  updates_.clear();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    if (active_[i]) {
      lane.started = true;
      lane.lastRate = rateOf(lane);
    }
    updates_.push_back({lane.settings, lane.lastRate, step_});
  }
  updater_->step(run, updates_);
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
      diverge(lane, record.training.loss);
      continue;
    }
    // The training loss is of before the last step; what that step did shows in the weights and the validation loss only.
    if (!std::isfinite(judged) || !hasFiniteWeights(static_cast<int>(i))) {
      diverge(lane, std::isfinite(judged) ? kNaN : judged);
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

/** Epoch 0: all lanes have the same weights, so one is evaluated for all. */
void Trainer::reportStart(std::vector<EpochRecord>& records) {
  const std::vector<unsigned char> first = [&] {
    std::vector<unsigned char> lanes(lanes_.size(), 0);
    lanes[0] = 1;
    return lanes;
  }();
  const LaneSet set{static_cast<int>(lanes_.size()), first.data(), 1};
  EpochRecord record;
  evaluator_->evaluate(plan_.training, trainingSpread_, set, scores_);
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

AdvanceReport Trainer::advance(const AdvanceLimit& limit) {
  AdvanceReport report;
  StopWatch watch(limit.milliseconds);
  if (!startReported_) reportStart(report.epochs);
  const int64_t firstStep = step_;
  const int64_t firstEpoch = epoch_;
  StopWatch left(plan_.maxSeconds ? std::optional<double>(1000 * (*plan_.maxSeconds - seconds_)) : std::nullopt);
  for (;;) {
    if (activeCount_ == 0) {
      report.reason = Reason::Finished;
    } else if (interrupted_.load(std::memory_order_relaxed)) {
      report.reason = Reason::Interrupted;
    } else if (limit.steps && step_ - firstStep >= *limit.steps) {
      report.reason = Reason::Steps;
    } else if (limit.epochs && epoch_ - firstEpoch >= *limit.epochs) {
      report.reason = Reason::Epochs;
    } else if (watch.expired() || (limit.milliseconds && report.epochs.size() >= kMostRecordsOfASlice)) {
      report.reason = Reason::Time;
    } else if (left.expired()) {
      endAll(LaneState::TimeUp);
      continue;
    } else {
      step();
      if (position_ == plan_.training.count) finishEpoch(report.epochs);
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
  freeze(lane, LaneState::Stopped);
  refreshLanes();
}

}  // namespace deltalab
