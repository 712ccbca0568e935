#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "trainer.h"

// How lanes are trained: in rounds of some steps, in which every lane goes its own way.

namespace deltalab {

namespace {

/** A round is as long as an interruption may have to wait, and has at most so many steps. */
constexpr double kRoundMilliseconds = 4;
constexpr int64_t kMostRoundSteps = 1024;
/** Multiply-adds of a round below which it is not worth while to wake other threads: it is about 10 µs. */
constexpr size_t kSpreadWork = 1 << 17;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

void Trainer::beginEpoch() {
  for (int lane : running_) tallies_[static_cast<size_t>(lane)].clear();
  if (plan_.shuffle) generator_.randperm(order_.data(), order_.size());
  newOrder_ = true;
}

void Trainer::gather(size_t count, ThreadPool& pool) {
  const DataSplit& data = plan_.training;
  batches_.clear();
  size_t position = position_;
  for (; batches_.size() < count && position < data.count; position += batches_.back().rows) {
    const size_t at = batches_.size() * batch_;
    const size_t rows = std::min(batch_, data.count - position);
    if (!plan_.shuffle) {
      batches_.push_back({data.inputs.data() + position * row_, data.targetsFrom(position, columns_), rows, true});
    } else if (data.classes.empty()) {
      batches_.push_back({batchInputs_.data() + at * row_, {batchTargets_.data() + at * columns_, nullptr}, rows});
    } else {
      batches_.push_back({batchInputs_.data() + at * row_, {nullptr, batchClasses_.data() + at}, rows});
    }
  }
  if (plan_.shuffle) copyShuffled(position - position_, pool);
}

void Trainer::copyShuffled(size_t rows, ThreadPool& pool) {
  const DataSplit& data = plan_.training;
  const size_t row = row_;
  const int64_t* order = order_.data() + position_;
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
  if (pool.threads() > 1 && rows * row >= kParallelElements) {
    pool.forEach(static_cast<int>((rows + kRows - 1) / kRows), [&](int piece) {
      const size_t begin = static_cast<size_t>(piece) * kRows;
      copyRows(begin, std::min(rows, begin + kRows));
    });
  } else {
    copyRows(0, rows);
  }
}

void Trainer::round(int64_t steps, int64_t epochs, EpochRecords& records) {
  if (position_ == 0) beginEpoch();
  if (onDevices_) return deviceRound(steps);
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const int64_t most = std::min(steps, roundSteps_);
  const bool lone = running_.size() == 1;
  ThreadPool& pool = lone && !sharing_.shares() ? alone_ : model_.pool();
  gather(std::min(static_cast<size_t>(most), mostBatches_), pool);
  // The only batch of an epoch is the same in all of them, unless it is shuffled.
  const bool repeats = lanesEndEpochs_ && !plan_.shuffle && batch_ == plan_.training.count;
  const int64_t passes = repeats ? std::min(most, epochs) : 1;

  // Each thread trains lanes of its own. Those left over when the lanes do not come out even are shared by all threads.
  const size_t threads = static_cast<size_t>(model_.pool().threads()), count = running_.size();
  const size_t work = static_cast<size_t>(passes) * batches_.size() * batch_ * ownCount_ * count;
  const bool spreads = threads > 1 && count > 1 && work >= kSpreadWork;
  const size_t alone = spreads ? count - (sharesSteps_ ? count % threads : 0) : 0;
  Moment farthest = now();
  if (alone > 0) farthest = trainAlone(alone, passes);
  for (size_t i = alone; i < count; ++i) {
    farthest = std::max(farthest, trainLane(*runners_[0], running_[i], passes, pool));
  }

  const int64_t done = farthest.step - step_;
  step_ = farthest.step;
  epoch_ = farthest.epoch;
  position_ = farthest.position;
  collectRecords(records);
  refreshLanes();
  progress_.store(step_, std::memory_order_relaxed);
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  if (lone) sharing_.took(took, done);
  adaptRounds(took, done);
}

void Trainer::adaptRounds(double milliseconds, int64_t done) {
  if (milliseconds > kRoundMilliseconds) roundSteps_ = std::max<int64_t>(1, roundSteps_ / 2);
  else if (milliseconds < kRoundMilliseconds / 4 && done == roundSteps_) roundSteps_ = std::min<int64_t>(roundSteps_ * 2, kMostRoundSteps);
}

Trainer::Moment Trainer::trainAlone(size_t count, int64_t passes) {
  std::vector<Moment> reached(runners_.size(), now());
  std::atomic<size_t> next{0};
  model_.pool().forEach(static_cast<int>(runners_.size()), [&](int index) {
    const size_t runner = static_cast<size_t>(index);
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      reached[runner] = std::max(reached[runner], trainLane(*runners_[runner], running_[i], passes, alone_));
    }
  });
  return *std::max_element(reached.begin(), reached.end());
}

Trainer::Moment Trainer::trainLane(LaneRunner& runner, int index, int64_t passes, ThreadPool& pool) {
  const size_t i = static_cast<size_t>(index);
  Moment moment = now();
  runner.bind(index);
  for (int64_t pass = trainPlainEpochs(runner, index, passes, moment); pass < passes && active_[i]; ++pass) {
    if (pass > 0) tallies_[i].clear();
    for (const Batch& batch : batches_) {
      if (!trainBatch(runner, index, batch, moment, pool)) return moment;
    }
    if (!lanesEndEpochs_ || moment.position < plan_.training.count) break;
    if (plan_.validation) runner.validate(*plan_.validation, validationSpread_, scores_[i]);
    endEpoch(index, moment, lanes_[i].records);
  }
  return moment;
}

int64_t Trainer::trainPlainEpochs(LaneRunner& runner, int index, int64_t passes, Moment& moment) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  DenseChain* const chain = runner.chain();
  const bool plain = chain && updater_->movesByGradientAlone(lane.settings) && plan_.schedule.constant() && !plan_.validation && !plan_.patience;
  // The last epoch ends the lane.
  const int64_t count = std::min(passes, plan_.epochs - 1 - moment.epoch);
  if (!plain || passes < 2 || count < 1) return 0;
  constexpr double kMost = std::numeric_limits<double>::max();
  const double most = std::min(kMost, divergenceLimit()), least = plan_.targetLoss.value_or(-kMost);
  const Batch& batch = batches_[0];
  Tally& tally = tallies_[static_cast<size_t>(index)];
  const double rate = lane.settings.learningRate;
  runner.beginStep(*updater_);
  for (int64_t pass = 0; pass < count; ++pass) {
    tally.clear();
    chain->forward(batch.inputs, true);
    const double ofBatch = addRows(*scoring_, chain->outputs(), chain->outputGradients(), batch.rows, batch.targets, tally);
    const double loss = tally.loss / tally.weight;
    if (!(loss > least && loss <= most)) {
      tally.clear();
      return pass;
    }
    batchLoss_[static_cast<size_t>(index)] = ofBatch;
    keepBest(index, loss, moment.epoch + 1);
    lane.started = true;
    lane.lastRate = rate;
    ++moment.step;
    chain->backward(static_cast<float>(-rate));
    if (!hasFiniteWeights(index)) {
      endEpoch(index, moment, lane.records);
      return pass + 1;
    }
    ++moment.epoch;
    double* const figures = lane.records.add(index, moment.epoch, moment.step, rate, loss);
    if (!plan_.metrics.empty()) scoring_->figures(tally, trainingSpread_, kNaN, figures);
  }
  return count;
}

bool Trainer::trainBatch(LaneRunner& runner, int index, const Batch& batch, Moment& moment, ThreadPool& pool) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  Tally& tally = tallies_[static_cast<size_t>(index)];
  const RandomKey random{plan_.seed, static_cast<uint64_t>(moment.step)};
  const double loss = runner.forward(batch, pool, random, tally);
  batchLoss_[static_cast<size_t>(index)] = loss;
  ++moment.step;
  moment.position += batch.rows;
  // One odd batch proves little, an epoch does (judge): a single batch must be far beyond the limit.
  const double limit = divergenceLimit();
  if (!std::isfinite(loss) || loss > kBatchMargin * limit) {
    diverge(lane, loss, moment);
    return false;
  }
  if (keepsBestBeforeStep()) {
    const double ofEpoch = tally.loss / tally.weight;
    // Above the limit the lane is about to be called diverged.
    if (ofEpoch <= limit) keepBest(index, ofEpoch, moment.epoch + 1);
  }
  lane.started = true;
  lane.lastRate = rateOf(lane, moment);
  runner.backward(batch, pool, random, *updater_, {lane.settings, lane.lastRate, moment.step});
  return true;
}

void Trainer::collectRecords(EpochRecords& records) {
  if (running_.size() == 1) return records.take(lanes_[static_cast<size_t>(running_[0])].records);
  // Epoch by epoch: the oldest first.
  for (size_t row = 0, left = running_.size(); left > 0; ++row) {
    left = 0;
    for (int index : running_) {
      const EpochRecords& ofLane = lanes_[static_cast<size_t>(index)].records;
      if (row < ofLane.size()) records.addRow(ofLane, row);
      left += row + 1 < ofLane.size() ? 1 : 0;
    }
  }
  for (int index : running_) lanes_[static_cast<size_t>(index)].records.clear();
}

}  // namespace deltalab
