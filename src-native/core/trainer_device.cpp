#include <algorithm>
#include <chrono>
#include <cmath>

#include "trainer.h"

// How lanes are trained on devices: all of them at once, in rounds whose steps are asked for one after another, of every device before the first
// one is waited for. What the steps have come to is looked at after the last of them; until then a device itself leaves out a lane that has diverged.

namespace deltalab {

namespace {


}  // namespace

void Trainer::deviceRound(int64_t steps) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  const size_t count = plan_.training.count;
  const int64_t left = static_cast<int64_t>((count - position_ + batch_ - 1) / batch_);
  const int64_t most = std::max<int64_t>(1, static_cast<int64_t>(kMostUpdates / lanes_.size()));
  const bool keepsBest = keepsBestBeforeStep();
  const int64_t asked = keepsBest ? 1 : std::min({steps, roundSteps_, left, most});

  const std::vector<LaneGroup*> groups = groupsOf(laneSet());
  const bool newOrder = std::exchange(newOrder_, false);
  for (LaneGroup* group : groups) beginRound(*group, asked, newOrder);

  /** By group: [steps][lanes]. */
  std::vector<std::vector<double>> losses(groups.size());
  const auto readAll = [&] {
    for (size_t i = 0; i < groups.size(); ++i) groups[i]->training->read(losses[i], tallies_.data() + groups[i]->first);
  };
  const auto rowsAt = [&](size_t position) { return std::min(batch_, count - position); };
  if (keepsBest) {
    // The loss that is judged is that of the weights before their step.
    for (LaneGroup* group : groups) group->training->forward(count);
    readAll();
    for (int index : running_) {
      const Tally& tally = tallies_[static_cast<size_t>(index)];
      const double ofEpoch = tally.loss / tally.weight;
      if (ofEpoch <= divergenceLimit()) keepBest(index, ofEpoch, epoch_ + 1);
    }
    for (LaneGroup* group : groups) group->training->backward(count);
  } else {
    for (LaneGroup* group : groups) group->training->steps(static_cast<size_t>(asked));
    readAll();
  }

  Moment farthest = now();
  for (size_t g = 0; g < groups.size(); ++g) {
    const LaneGroup& group = *groups[g];
    for (int index : running_) {
      if (!group.has(index)) continue;
      Moment moment = now();
      for (int64_t i = 0; i < asked; ++i) {
        const double loss = losses[g][static_cast<size_t>(i * group.model.lanes() + group.own(index))];
        if (!tookDeviceStep(index, loss, moment, rowsAt(moment.position))) break;
      }
      farthest = std::max(farthest, moment);
    }
  }
  step_ = farthest.step;
  position_ = farthest.position;
  refreshLanes();
  progress_.store(step_, std::memory_order_relaxed);
  adaptRounds(std::chrono::duration<double, std::milli>(Clock::now() - start).count(), asked);
}

void Trainer::beginRound(LaneGroup& group, int64_t steps, bool newOrder) {
  const Lane* const first = lanes_.data() + group.first;
  const Lane* const end = first + group.model.lanes();
  std::vector<LanePenalties> penalties;
  for (const Lane* lane = first; lane != end; ++lane) {
    const LaneSettings& settings = lane->settings;
    penalties.push_back({static_cast<float>(settings.l1), static_cast<float>(settings.clipValue), settings.clipNorm, settings.maxNorm});
  }
  std::vector<UpdateStep> updates;
  for (int64_t step = step_ + 1; step <= step_ + steps; ++step) {
    for (const Lane* lane = first; lane != end; ++lane) updates.push_back({lane->settings, rateOf(*lane, {step, epoch_, position_}), step});
  }
  const double limit = std::min(std::numeric_limits<double>::max(), kBatchMargin * divergenceLimit());
  group.training->begin({{static_cast<uint64_t>(step_), position_, 0}, limit, active_.data() + group.first, tallies_.data() + group.first, order_, newOrder,
                         std::move(penalties), std::move(updates), static_cast<size_t>(steps)});
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
