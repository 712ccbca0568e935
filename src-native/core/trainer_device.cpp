#include <algorithm>
#include <chrono>
#include <cmath>

#include "trainer.h"

// How lanes are trained on a device: all of them at once, in rounds whose steps are asked for one after another. What the steps have come to is
// looked at after the last of them; until then the device itself leaves out a lane that has diverged.

namespace deltalab {

namespace {

/** Settings of steps that are handed over at a time, at most. */
constexpr int64_t kMostUpdates = 1 << 15;

}  // namespace

void Trainer::deviceRound(int64_t steps) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const size_t count = plan_.training.count;
  const int64_t left = static_cast<int64_t>((count - position_ + batch_ - 1) / batch_);
  const int64_t most = std::max<int64_t>(1, kMostUpdates / static_cast<int64_t>(lanes_.size()));
  const bool keepsBest = keepsBestBeforeStep();
  const int64_t asked = keepsBest ? 1 : std::min({steps, roundSteps_, left, most});

  std::vector<LanePenalties> penalties;
  for (const Lane& lane : lanes_) {
    const LaneSettings& settings = lane.settings;
    penalties.push_back({static_cast<float>(settings.l1), static_cast<float>(settings.clipValue), settings.clipNorm, settings.maxNorm});
  }
  std::vector<UpdateStep> updates;
  for (int64_t step = step_ + 1; step <= step_ + asked; ++step) {
    for (const Lane& lane : lanes_) updates.push_back({lane.settings, rateOf(lane, {step, epoch_, position_}), step});
  }
  const double limit = std::min(std::numeric_limits<double>::max(), kBatchMargin * divergenceLimit());
  device_->begin({{static_cast<uint64_t>(step_), position_, 0}, limit, active_, tallies_, order_, std::exchange(newOrder_, false), std::move(penalties),
                  std::move(updates), static_cast<size_t>(asked)});

  std::vector<double> losses;
  const auto rowsAt = [&](size_t position) { return std::min(batch_, count - position); };
  if (keepsBest) {
    // The loss that is judged is that of the weights before their step.
    device_->forward(count);
    device_->read(losses, tallies_);
    for (int index : running_) {
      const Tally& tally = tallies_[static_cast<size_t>(index)];
      const double ofEpoch = tally.loss / tally.weight;
      if (ofEpoch <= divergenceLimit()) keepBest(index, ofEpoch, epoch_ + 1);
    }
    device_->backward(count);
  } else {
    device_->steps(static_cast<size_t>(asked));
    device_->read(losses, tallies_);
  }

  Moment farthest = now();
  for (int index : running_) {
    Moment moment = now();
    for (size_t i = 0; i < static_cast<size_t>(asked); ++i) {
      if (!tookDeviceStep(index, losses[i * lanes_.size() + static_cast<size_t>(index)], moment, rowsAt(moment.position))) break;
    }
    farthest = std::max(farthest, moment);
  }
  step_ = farthest.step;
  position_ = farthest.position;
  refreshLanes();
  progress_.store(step_, std::memory_order_relaxed);
  adaptRounds(std::chrono::duration<double, std::milli>(Clock::now() - start).count(), asked);
}

bool Trainer::tookDeviceStep(int index, double loss, Moment& moment, size_t rows) {
  Lane& lane = lanes_[static_cast<size_t>(index)];
  batchLoss_[static_cast<size_t>(index)] = loss;
  ++moment.step;
  moment.position += rows;
  if (!std::isfinite(loss) || loss > kBatchMargin * divergenceLimit()) {
    // Its gradients are those of later steps by now.
    lane.started = false;
    diverge(lane, loss, moment);
    return false;
  }
  lane.started = true;
  lane.lastRate = rateOf(lane, moment);
  return true;
}

}  // namespace deltalab
