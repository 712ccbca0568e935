#include "lane_runner.h"

#include <algorithm>

namespace deltalab {

LaneRunner::LaneRunner(Model<float>& model, size_t batch, size_t rest) : batch_(batch) {
  full_ = model.laneProgram(batch, ProgramMode::Training);
  if (rest != 0) rest_ = model.laneProgram(rest, ProgramMode::Training);
  arena_ = AlignedBuffer<float>(std::max(full_->arenaSize(), rest_ ? rest_->arenaSize() : 0));
  full_->bindArena(arena_.data());
  if (rest_) rest_->bindArena(arena_.data());
  nothing_.assign(model.parameters().all().size(), false);
}

void LaneRunner::useScoring(const Scoring& scoring) { objective_ = std::make_unique<Objective<float>>(scoring, 1, batch_); }

void LaneRunner::bind(int lane) {
  if (lane == lane_) return;
  lane_ = lane;
  full_->bindLane(lane);
  if (rest_) rest_->bindLane(lane);
}

double LaneRunner::forward(const Batch& batch, ThreadPool& pool, const RandomKey& random, Tally& tally) {
  Program<float>& program = programFor(batch.rows);
  program.setInput(0, batch.inputs);
  Run run{pool, workspace_, LaneSet{}, random};
  program.forward(run);
  double loss = 0;
  objective_->run(run, program.output(0), batch.targets, true, &tally, &loss);
  return loss;
}

void LaneRunner::backward(const Batch& batch, ThreadPool& pool, const RandomKey& random, Updater& updater,
                          const UpdateStep& step) {
  Program<float>& program = programFor(batch.rows);
  LaneUpdate update(updater, step, lane_);
  const bool pieces = Updater::takesPieces(step.settings);
  Run run{pool, workspace_, LaneSet{}, random};
  if (pieces) run.sink = &update;
  updater.begin(lane_);
  program.backward(run);
  updater.finish(pool, step, lane_, pieces ? program.sinks() : nothing_);
}

}  // namespace deltalab
