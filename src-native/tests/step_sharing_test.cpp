#include "core/step_sharing.h"

#include <algorithm>

#include "harness.h"

using namespace deltalab;

namespace {

/** Trains for so many milliseconds, in rounds of one, and returns the share of steps that were shared. */
double shareOf(StepSharing& sharing, double milliseconds, double alone, double shared) {
  double steps = 0, together = 0;
  for (double spent = 0; spent < milliseconds;) {
    const double ofStep = sharing.shares() ? shared : alone;
    const int64_t count = std::max<int64_t>(1, static_cast<int64_t>(1 / ofStep));
    steps += static_cast<double>(count);
    if (sharing.shares()) together += static_cast<double>(count);
    spent += ofStep * static_cast<double>(count);
    sharing.took(ofStep * static_cast<double>(count), count);
  }
  return together / steps;
}

}  // namespace

TEST(step_sharing_keeps_the_faster_way) {
  for (double ofStep : {0.001, 0.1, 30.0}) {
    StepSharing gains, loses;
    CHECK(shareOf(gains, 100 * ofStep + 3000, 2 * ofStep, ofStep) > 0.9);
    CHECK(shareOf(loses, 100 * ofStep + 3000, ofStep, 2 * ofStep) < 0.1);
  }
}

TEST(step_sharing_notices_that_things_have_changed) {
  StepSharing sharing;
  CHECK(shareOf(sharing, 5000, 0.1, 0.06) > 0.9);
  // Another program has taken the other cores.
  shareOf(sharing, 2000, 0.1, 0.5);
  CHECK(shareOf(sharing, 5000, 0.1, 0.5) < 0.1);
}

TEST(step_sharing_is_not_misled_by_a_disturbed_round) {
  StepSharing sharing;
  sharing.took(5, 1);
  sharing.took(2, 20);
  sharing.took(2, 20);
  CHECK(sharing.shares());
  sharing.took(9, 20);
  sharing.took(1, 20);
  CHECK(sharing.shares());
}
