#pragma once

#include <memory>
#include <vector>

#include "lane_group.h"
#include "training.h"

namespace deltalab {

// What a plan must fulfil before anything is trained. Its graph has moved into the groups.

/** Of all batches but perhaps the last one of an epoch. */
size_t rowsOfBatch(const TrainPlan& plan);

/** Training rows that are evaluated before the first step: not all of many, so that the start does not take an epoch's time. */
size_t rowsOfStart(const TrainPlan& plan);

/** Throws 'plan.setting'. */
void checkPlan(const TrainPlan& plan, const std::vector<std::unique_ptr<LaneGroup>>& groups);

/** The loss and the metrics of the plan, for the output of a batch. Throws 'plan.nothing-to-train', 'plan.output', 'plan.metric' or 'plan.setting'. */
std::unique_ptr<Scoring> scoringFor(const TrainPlan& plan, const Operand<float>& output);

}  // namespace deltalab
