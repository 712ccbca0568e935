#include "trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "errors.h"
#include "stop_watch.h"

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
/** A round is as long as an interruption may have to wait. */
constexpr double kRoundMilliseconds = 4;

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
