#include "lane_runner.h"

#include <algorithm>

#include "evaluator.h"

namespace deltalab {

LaneRunner::LaneRunner(Model<float>& model, size_t batch, size_t rest) : model_(model), batch_(batch) {
  full_ = model.laneProgram(batch, ProgramMode::Training);
  fullChain_ = DenseChain::of(full_->plan(), batch, model.parameters());
  if (rest != 0) {
    rest_ = model.laneProgram(rest, ProgramMode::Training);
    // A shorter batch is smaller: of a chain, it is a chain as well.
    if (fullChain_) restChain_ = DenseChain::of(rest_->plan(), rest, model.parameters());
  }
  nothing_.assign(model.parameters().all().size(), false);
  if (fullChain_) return;
  arena_ = AlignedBuffer<float>(std::max(full_->arenaSize(), rest_ ? rest_->arenaSize() : 0));
  full_->bindArena(arena_.data());
  if (rest_) rest_->bindArena(arena_.data());
}

void LaneRunner::useScoring(const Scoring& scoring, size_t validated) {
  scoring_ = &scoring;
  objective_ = std::make_unique<Objective<float>>(scoring, 1, batch_);
  if (!fullChain_ || validated == 0 || validated > Evaluator::kRows) return;
  const auto program = model_.laneProgram(validated, ProgramMode::Training);
  validation_ = DenseChain::of(program->plan(), validated, model_.parameters());
  tally_ = scoring.emptyTally();
}

void LaneRunner::validate(const DataSplit& data, const std::vector<double>& spread, Score& score) {
  tally_.clear();
  validation_->forward(data.inputs.data(), true);
  const TargetRows targets = data.targetsFrom(0, scoring_->columns());
  addRows(*scoring_, validation_->outputs(), nullptr, data.count, targets, tally_);
  scoring_->score(tally_, spread, validation_->outputs(), targets, data.count, score);
}

void LaneRunner::bind(int lane) {
  if (lane == lane_) return;
  lane_ = lane;
  if (fullChain_) {
    fullChain_->bindLane(lane);
    if (restChain_) restChain_->bindLane(lane);
    if (validation_) validation_->bindLane(lane);
    return;
  }
  full_->bindLane(lane);
  if (rest_) rest_->bindLane(lane);
}

double LaneRunner::forward(const Batch& batch, ThreadPool& pool, const RandomKey& random, Tally& tally) {
  if (DenseChain* chain = chainFor(batch.rows)) {
    chain->forward(batch.inputs, batch.stays);
    return addRows(*scoring_, chain->outputs(), chain->outputGradients(), batch.rows, batch.targets, tally);
  }
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
  if (DenseChain* chain = chainFor(batch.rows)) {
    beginStep(updater);
    const bool plain = updater.movesByGradientAlone(step.settings);
    chain->backward(plain ? static_cast<float>(-step.rate) : 0);
    if (!plain) updater.finish(pool, step, lane_);
    return;
  }
  Program<float>& program = programFor(batch.rows);
  LaneUpdate update(updater, step, lane_);
  const bool pieces = Updater::takesPieces(step.settings);
  Run run{pool, workspace_, LaneSet{}, random};
  if (pieces) run.sink = &update;
  updater.begin(lane_, pieces ? program.sinks() : nothing_);
  program.backward(run);
  updater.finish(pool, step, lane_);
}

}  // namespace deltalab
