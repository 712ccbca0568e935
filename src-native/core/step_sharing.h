#pragma once

#include <cstdint>

namespace deltalab {

/**
 * Whether the threads should share the steps of a lane: where steps are short, or the cores slow to see what others have written, one
 * thread alone is faster. That depends on the network, the machine and what else runs on it, so both ways are tried now and then, and the
 * faster one is kept. No bit of a result depends on it.
 */
class StepSharing {
 public:
  /** How the next round is to be trained. */
  bool shares() const { return shares_; }

  /** So many steps have been trained as shares() said, in so many milliseconds. */
  void took(double milliseconds, int64_t steps);

 private:
  enum class Phase { WarmUp, Alone, Shared, Kept };
  void enter(Phase phase);

  Phase phase_ = Phase::WarmUp;
  bool shares_ = true;
  /** Of the phase. */
  double spent_ = 0;
  int rounds_ = 0;
  double fastest_ = 0;
  /** Milliseconds of a step alone, and of the whole trial. */
  double alone_ = 0;
  double trial_ = 0;
};

}  // namespace deltalab
