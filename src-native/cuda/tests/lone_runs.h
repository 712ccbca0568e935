#pragma once

#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

namespace deltalab::testing {

/** Every lane of a race of the plan, which came to these records, has the bits of that lane trained alone on the same device. */
inline void compareWithLoneRuns(Trainer& race, const EpochRecords& records, TrainPlan plan, DeviceBackend& device) {
  const std::vector<LaneSettings> lanes = plan.lanes;
  for (size_t i = 0; i < lanes.size(); ++i) {
    plan.lanes = {lanes[i]};
    Trainer lone(plan, &device);
    const AdvanceReport alone = lone.advance({});
    CHECK(traceOf(race, records, static_cast<int>(i)) == traceOf(lone, alone.epochs, 0));
  }
}

/** The same of a race that is yet to be run. */
inline void compareWithLoneRuns(const TrainPlan& plan, DeviceBackend& device) {
  Trainer race(plan, &device);
  const AdvanceReport report = race.advance({});
  compareWithLoneRuns(race, report.epochs, plan, device);
}

}  // namespace deltalab::testing
