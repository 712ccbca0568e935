#include "step_sharing.h"

#include <algorithm>

namespace deltalab {

namespace {

/** A trial of one way is as long as this, and at least two rounds: what disturbs one of them does not decide. */
constexpr double kTrialMilliseconds = 3;
constexpr int kTrialRounds = 2;
/** What has been found is kept for this long, and for so many times the length of the trial. */
constexpr double kKeptMilliseconds = 1000;
constexpr double kKeptTrials = 50;

}  // namespace

void StepSharing::enter(Phase phase) {
  phase_ = phase;
  spent_ = 0;
  rounds_ = 0;
  fastest_ = 0;
}

void StepSharing::took(double milliseconds, int64_t steps) {
  if (steps <= 0) return;
  const double ofStep = milliseconds / static_cast<double>(steps);
  fastest_ = rounds_ == 0 ? ofStep : std::min(fastest_, ofStep);
  spent_ += milliseconds;
  ++rounds_;
  const bool tried = spent_ >= kTrialMilliseconds && rounds_ >= kTrialRounds;
  switch (phase_) {
    case Phase::WarmUp:
      // Memory and caches are not what they will be.
      shares_ = false;
      return enter(Phase::Alone);
    case Phase::Alone:
      if (!tried) return;
      alone_ = fastest_;
      trial_ = spent_;
      shares_ = true;
      return enter(Phase::Shared);
    case Phase::Shared:
      if (!tried) return;
      shares_ = fastest_ < alone_;
      trial_ += spent_;
      return enter(Phase::Kept);
    case Phase::Kept:
      if (spent_ < std::max(kKeptMilliseconds, kKeptTrials * trial_)) return;
      shares_ = false;
      return enter(Phase::Alone);
  }
}

}  // namespace deltalab
