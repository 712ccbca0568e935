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

/** Gathered batches of a round, in floats (4 MiB), and the most steps of one. */
constexpr size_t kRoundFloats = 1 << 20;
constexpr int64_t kMostRoundSteps = 256;
/** Multiply-adds of a step below which threads that share it would mostly wait for each other. */
constexpr size_t kSharedWork = 1 << 20;
/** Most training rows that are evaluated before the first step, so that the start of a training does not take an epoch's time. */
constexpr size_t kStartRows = 8192;
/** A round is as long as an interruption may have to wait. */
constexpr double kRoundMilliseconds = 4;

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
  const size_t rest = plan_.training.count % batch_;
  const size_t runners = std::min(lanes, static_cast<size_t>(model_.pool().threads()));
  for (size_t i = 0; i < runners; ++i) runners_.push_back(std::make_unique<LaneRunner>(model_, batch_, rest));

  const Operand<float>& output = runners_[0]->output(batch_);
  if (!output.needsGradient) {
    throw EngineError("plan.nothing-to-train", "The output of the network does not depend on any trainable weight");
  }
  columns_ = output.shape.empty() ? 0 : elementCount(output.shape, 1);
  scoring_ = std::make_unique<Scoring>(plan_.loss, plan_.metrics, columns_, plan_.lossOptions, plan_.targetScales);
  scoring_->checkOutput(output.shape, batch_);
  if (rest != 0) scoring_->checkOutput(runners_[0]->output(rest).shape, rest);
  checkSplit("training", plan_.training);
  if (plan_.validation) checkSplit("validation", *plan_.validation);

  for (const auto& runner : runners_) runner->useScoring(*scoring_);
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

  // A lone lane takes its batches one by one; several take some in turns, so that a lane's weights are fetched once for all of them.
  const size_t batchFloats = batch_ * model_.inputRow();
  running_.reserve(lanes);
  sharesSteps_ = batch_ * keptCount() >= kSharedWork;
  if (lanes > 1) mostBatches_ = std::clamp<size_t>(kRoundFloats / batchFloats, 1, static_cast<size_t>(kMostRoundSteps));
  batches_.reserve(mostBatches_);
  if (plan_.shuffle) {
    order_.resize(plan_.training.count);
    batchInputs_ = AlignedBuffer<float>(mostBatches_ * batchFloats);
    if (plan_.training.classes.empty()) batchTargets_.resize(mostBatches_ * batch_ * columns_);
    else batchClasses_.resize(mostBatches_ * batch_);
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

void Trainer::freeze(Lane& lane, LaneState state, const Moment& moment) {
  lane.keptNorms = updateNorms(lane);
  lane.started = false;
  lane.status.state = state;
  lane.status.step = moment.step;
  lane.status.epoch = epoch_ + (moment.position > 0 ? 1 : 0);
  active_[laneIndex(lane)] = 0;
}

void Trainer::beginEpoch() {
  for (Tally& tally : tallies_) tally.clear();
  if (plan_.shuffle) generator_.randperm(order_.data(), order_.size());
}

void Trainer::gather(size_t count) {
  const DataSplit& data = plan_.training;
  const size_t row = model_.inputRow();
  batches_.clear();
  size_t position = position_;
  for (; batches_.size() < count && position < data.count; position += batches_.back().rows) {
    const size_t at = batches_.size() * batch_;
    const size_t rows = std::min(batch_, data.count - position);
    if (!plan_.shuffle) {
      batches_.push_back({data.inputs.data() + position * row, data.targetsFrom(position, columns_), rows});
    } else if (data.classes.empty()) {
      batches_.push_back({batchInputs_.data() + at * row, {batchTargets_.data() + at * columns_, nullptr}, rows});
    } else {
      batches_.push_back({batchInputs_.data() + at * row, {nullptr, batchClasses_.data() + at}, rows});
    }
  }
  if (!plan_.shuffle) return;
  const int64_t* order = order_.data() + position_;
  const size_t rows = position - position_;
  const auto copyRows = [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const size_t from = static_cast<size_t>(order[i]);
      // Rows lie anywhere: what fetches ahead within a row has to begin anew with each.
      if (i + 1 < end) fetch(data.inputs.data() + static_cast<size_t>(order[i + 1]) * row, row);
      std::copy_n(data.inputs.data() + from * row, row, batchInputs_.data() + i * row);
      if (data.classes.empty()) std::copy_n(data.targets.data() + from * columns_, columns_, batchTargets_.data() + i * columns_);
      else batchClasses_[i] = data.classes[from];
    }
  };
  constexpr size_t kRows = 16;
  if (model_.pool().threads() > 1 && rows * row >= kParallelElements) {
    model_.pool().forEach(static_cast<int>((rows + kRows - 1) / kRows), [&](int piece) {
      const size_t begin = static_cast<size_t>(piece) * kRows;
      copyRows(begin, std::min(rows, begin + kRows));
    });
  } else {
    copyRows(0, rows);
  }
}

void Trainer::round(int64_t most) {
  if (position_ == 0) beginEpoch();
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = mostBatches_ > 1 ? Clock::now() : Clock::time_point();
  gather(static_cast<size_t>(std::min({most, roundSteps_, static_cast<int64_t>(mostBatches_)})));

  running_.clear();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (active_[i]) running_.push_back(static_cast<int>(i));
  }
  // Each thread trains lanes of its own. Those left over when the lanes do not come out even are shared by all threads.
  const size_t threads = static_cast<size_t>(model_.pool().threads());
  const size_t leftOver = sharesSteps_ ? running_.size() % threads : 0;
  const size_t alone = threads == 1 ? 0 : running_.size() - leftOver;
  std::atomic<size_t> next{0};
  std::atomic<int64_t> seen{0};
  const auto train = [&](size_t runner, size_t index, ThreadPool& pool) {
    const int64_t steps = trainLane(*runners_[runner], running_[index], pool);
    int64_t most = seen.load();
    while (most < steps && !seen.compare_exchange_weak(most, steps)) continue;
  };
  if (alone > 0) {
    model_.pool().forEach(static_cast<int>(runners_.size()), [&](int runner) {
      for (size_t i = next.fetch_add(1); i < alone; i = next.fetch_add(1)) train(static_cast<size_t>(runner), i, alone_);
    });
  }
  for (size_t i = alone; i < running_.size(); ++i) train(0, i, model_.pool());

  const int64_t done = seen.load();
  step_ += done;
  for (int64_t i = 0; i < done; ++i) position_ += batches_[static_cast<size_t>(i)].rows;
  refreshLanes();
  progress_.store(step_, std::memory_order_relaxed);
  if (mostBatches_ == 1) return;
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  if (took > kRoundMilliseconds) roundSteps_ = std::max<int64_t>(1, roundSteps_ / 2);
  else if (took < kRoundMilliseconds / 4 && done == roundSteps_) roundSteps_ = std::min<int64_t>(roundSteps_ * 2, kMostRoundSteps);
}

int64_t Trainer::trainLane(LaneRunner& runner, int index, ThreadPool& pool) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  Tally& tally = tallies_[static_cast<size_t>(index)];
  runner.bind(index);
  Moment moment{step_, position_};
  for (const Batch& batch : batches_) {
    const RandomKey random{plan_.seed, static_cast<uint64_t>(moment.step)};
    batchLoss_[static_cast<size_t>(index)] = runner.forward(batch, pool, random, tally);
    ++moment.step;
    moment.position += batch.rows;
    if (!survives(lane, moment)) break;
    if (keepsBestBeforeStep()) {
      const double loss = tally.loss / tally.weight;
      // Above the limit the lane is about to be called diverged (finishEpoch).
      if (loss <= divergenceLimit()) keepBest(index, loss, epoch_ + 1);
    }
    lane.started = true;
    lane.lastRate = rateOf(lane, moment.step);
    runner.backward(batch, pool, random, *updater_, {lane.settings, lane.lastRate, moment.step});
  }
  return moment.step - step_;
}

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
      round(limit.steps ? *limit.steps - (step_ - firstStep) : kMostRoundSteps);
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
