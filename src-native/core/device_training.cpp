#include "device_training.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "../cpu/kernels/elementwise.h"

namespace deltalab {

namespace {

/** Steps of a round, at most. */
constexpr size_t kMostSteps = 1024;

}  // namespace

std::vector<OwnValues> ownValuesOf(const Model<float>& model) {
  std::vector<OwnValues> own;
  for (const Parameter<float>& parameter : model.parameters().all()) {
    if (!parameter.perLane()) continue;
    const bool moves = parameter.reached || parameter.kind == ParameterKind::Running;
    own.push_back({parameter.storage.data, parameter.storage.laneStride, parameter.count, moves});
  }
  return own;
}

DeviceTraining::DeviceTraining(Model<float>& model, size_t batch, size_t rest)
    : model_(model), device_(*model.device()), lanes_(static_cast<size_t>(model.lanes())), batch_(batch) {
  full_.program = &model.program(batch, ProgramMode::Training);
  if (rest != 0) rest_.program = &model.program(rest, ProgramMode::Training);
}

void DeviceTraining::prepare(const TrainPlan& plan, const Scoring& scoring) {
  plan_ = &plan;
  seed_ = plan.seed;
  own_ = ownValuesOf(model_);
  for (const OwnValues& values : own_) ownCount_ += values.count;
  best_ = DeviceBuffer<float>(device_, lanes_ * ownCount_);
  layout_.emplace(model_, optimizerOf(plan.optimizer), plan.lanes, lanes_);
  update_ = device_.createUpdate(model_, plan.optimizer, *layout_);
  fused_ = device_.createFusedSteps(model_, full_.program->plan(), batch_, plan.optimizer, *layout_, *update_);
  scorer_ = std::make_unique<DeviceScorer>(device_, scoring, model_.lanes(), std::max(evaluatedRows(), batch_), model_.inputRow());
  scorer_->keep(plan.training);
  if (plan.validation) scorer_->keep(*plan.validation);
  tally_.emplace(device_, scoring, model_.lanes());

  cursor_ = DeviceBuffer<DeviceCursor>(device_, 1);
  active_ = DeviceBuffer<unsigned char>(device_, lanes_);
  flags_ = DeviceBuffer<unsigned char>(device_, lanes_);
  limit_ = DeviceBuffer<double>(device_, 1);
  losses_ = DeviceBuffer<double>(device_, kMostSteps * lanes_);
  if (plan.shuffle) order_ = DeviceBuffer<int64_t>(device_, plan.training.count);
  inputs_ = DeviceBuffer<float>(device_, batch_ * model_.inputRow());
  if (scoring.loss().classes) classes_ = DeviceBuffer<int64_t>(device_, batch_);
  else values_ = DeviceBuffer<float>(device_, batch_ * scoring.columns());
  rows_ = {inputs_.data(), values_.data(), classes_.data()};
  finite_.resize(lanes_);
}

void DeviceTraining::begin(const Round& round) {
  const DeviceCursor cursor{{}, round.first};
  cursor_.fill(&cursor);
  limit_.fill(&round.limit);
  active_.fill(round.active);
  tally_->write(round.tallies);
  if (round.newOrder && !round.order.empty()) order_.fill(round.order.data());
  if (update_->prepare(round.penalties.data(), round.updates.data(), round.steps)) forgetRecordings();
  stepsAsked_ = 0;
  position_ = static_cast<size_t>(round.first.position);
}

ObjectiveWork DeviceTraining::objective(size_t rows) {
  ObjectiveWork work = scorer_->workOf(programFor(rows).output(0), rows_, true);
  work.active = active_.data();
  work.sums = tally_->sums();
  work.counts = tally_->counts();
  work.batchLosses = losses_.data();
  work.cursor = cursor_.data();
  work.limit = limit_.data();
  return work;
}

void DeviceTraining::ask(size_t rows, Part part) {
  Program<float>& program = programFor(rows);
  const LaneSet all{model_.lanes(), nullptr, model_.lanes()};
  Run run{model_.pool(), model_.workspace(), all, {seed_, 0}, nullptr, {active_.data(), &cursor_.data()->now.step}};
  if (part != kBackward) {
    const size_t columns = elementCount(program.output(0).shape, 1);
    device_.gather({cursor_.data(), order_.data(), rows, model_.inputRow(), columns, scorer_->rowsOf(plan_->training, 0, 0), rows_});
    program.setInput(0, rows_.inputs);
    program.forward(run);
    device_.addObjective(objective(rows));
  }
  if (part == kForward) return;
  program.backward(run);
  update_->run(active_.data(), cursor_.data());
}

void DeviceTraining::forgetRecordings() {
  for (Kind* kind : {&full_, &rest_}) {
    // Other work may be of kernels that are not loaded yet.
    std::fill(std::begin(kind->warm), std::end(kind->warm), false);
    for (std::unique_ptr<DeviceRecording>& recording : kind->recordings) recording.reset();
  }
}

void DeviceTraining::askFor(size_t rows, Part part) {
  if (arenas_ != model_.arenas()) {
    // What was recorded is about memory that is no more.
    arenas_ = model_.arenas();
    forgetRecordings();
  }
  Kind& kind = rows == batch_ ? full_ : rest_;
  // The first time loads the kernels, which must not happen while they are recorded.
  if (!kind.warm[part]) {
    kind.warm[part] = true;
    return ask(rows, part);
  }
  std::unique_ptr<DeviceRecording>& recording = kind.recordings[part];
  if (!recording) recording = device_.record([this, rows, part] { ask(rows, part); });
  recording->replay();
}

void DeviceTraining::forward(size_t rows) {
  askFor(rows, kForward);
  ++stepsAsked_;
}

void DeviceTraining::backward(size_t rows) { askFor(rows, kBackward); }

void DeviceTraining::steps(size_t count) {
  const size_t all = plan_->training.count;
  if (fused_) fused_->run({position_, count, stepsAsked_, batch_, all, order_.data(), scorer_->rowsOf(plan_->training, 0, 0), objective(batch_)});
  for (size_t i = 0; i < count; ++i) {
    const size_t rows = std::min(batch_, all - position_);
    if (!fused_) askFor(rows, kStep);
    position_ += rows;
  }
  stepsAsked_ += count;
}

void DeviceTraining::read(std::vector<double>& losses, Tally* tallies) {
  losses.resize(stepsAsked_ * lanes_);
  device_.copyFrom(losses.data(), losses_.data(), losses.size() * sizeof(double));
  tally_->read(tallies);
}

void DeviceTraining::findFinite() {
  std::vector<DeviceValues> values;
  for (const OwnValues& own : own_) {
    if (own.moves) values.push_back({own.values, own.laneStride, own.count});
  }
  device_.findFinite(values, model_.lanes(), flags_.data());
  flags_.read(finite_.data());
}

void DeviceTraining::keepBest(int lane) {
  float* to = best_.data() + static_cast<size_t>(lane) * ownCount_;
  for (const OwnValues& own : own_) {
    device_.copyWithin(to, own.of(lane), own.count * sizeof(float));
    to += own.count;
  }
}

std::vector<float> DeviceTraining::best(int lane) const {
  std::vector<float> values(ownCount_);
  device_.copyFrom(values.data(), best_.data() + static_cast<size_t>(lane) * ownCount_, ownCount_ * sizeof(float));
  return values;
}

void DeviceTraining::restoreBest(int lane, const std::vector<float>& values) {
  device_.copyTo(best_.data() + static_cast<size_t>(lane) * ownCount_, values.data(), ownCount_ * sizeof(float));
}

std::vector<float> DeviceTraining::updateState() const {
  std::vector<float> state(layout_->stateSize);
  update_->save(state.data());
  return state;
}

double DeviceTraining::directionNorm(size_t parameter, int lane) const {
  const Parameter<float>& values = model_.parameters().all()[parameter];
  if (!values.reached) return 0;
  std::vector<float> direction(values.count);
  device_.copyFrom(direction.data(), values.gradients(lane), values.count * sizeof(float));
  return std::sqrt(sumOfSquares(direction.data(), direction.size()));
}

}  // namespace deltalab
