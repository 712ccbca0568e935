#include "evaluator.h"

#include <algorithm>

namespace deltalab {

namespace {

/** What is asked for of a device takes about as long as an interruption may have to wait. */
constexpr double kMilliseconds = 4;

}  // namespace

size_t Evaluator::rowsOnDevice(const Program<float>& program, size_t samples) {
  // Values of a lane in a pass.
  constexpr size_t kMost = size_t{1} << 22, kMostRows = 8 * kRows;
  size_t values = 0;
  for (const PlannedValue& value : program.plan().values) {
    if (value.initializer < 0) values += elementCount(value.shape);
  }
  return std::clamp(kMost / std::max<size_t>(1, values / samples) / kRows * kRows, kRows, kMostRows);
}

Evaluator::Evaluator(Model<float>& model, const Scoring& scoring, DeviceScorer* device, size_t rows)
    : model_(model),
      scoring_(scoring),
      device_(device),
      rows_(rows),
      objective_(scoring, model.lanes(), kRows),
      losses_(static_cast<size_t>(model.lanes())),
      only_(static_cast<size_t>(model.lanes())) {}

void Evaluator::prepare(size_t count) {
  const auto keep = [&](size_t rows) {
    scoring_.checkOutput(model_.program(rows, ProgramMode::Inference).output(0).shape, rows);
  };
  if (count >= rows_) keep(rows_);
  if (count % rows_ != 0) keep(count % rows_);
}

Run Evaluator::runOf(const LaneSet& lanes) {
  return {model_.pool(), model_.workspace(), lanes, {}, nullptr, device_ ? device_->choose(lanes) : DeviceRun{}};
}

Program<float>& Evaluator::programFor(size_t rows) {
  Program<float>& program = model_.passingProgram(rows);
  scoring_.checkOutput(program.output(0).shape, rows);
  return program;
}

void Evaluator::begin(EvaluationPass& pass, const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes) const {
  pass.data = &data;
  pass.spread = &spread;
  pass.lanes = lanes;
  pass.done = 0;
  pass.tallies.resize(static_cast<size_t>(lanes.count), scoring_.emptyTally());
  for (Tally& tally : pass.tallies) tally.clear();
  if (scoring_.ranks()) pass.outputs.resize(static_cast<size_t>(lanes.count) * data.count * scoring_.columns());
}

void Evaluator::ask(EvaluationPass& pass) {
  pass.asked = pass.done;
  if (device_) return askDevice(pass);
  forward(pass, [&](Run& run, Program<float>& program, size_t begin, size_t) {
    program.setInput(0, pass.data->inputs.data() + begin * model_.inputRow());
    program.forward(run);
    objective_.run(run, program.output(0), pass.data->targetsFrom(begin, scoring_.columns()), false, pass.tallies.data(), losses_.data());
  });
}

void Evaluator::askDevice(EvaluationPass& pass) {
  askedAt_ = std::chrono::steady_clock::now();
  device_->begin(pass.tallies);
  for (pieces_ = 0; pieces_ < mostPieces_ && pass.asked < pass.data->count; ++pieces_) {
    forward(pass, [&](Run& run, Program<float>& program, size_t begin, size_t rows) {
      const DeviceRows onDevice = device_->rowsOf(*pass.data, begin, rows);
      program.setInput(0, onDevice.inputs);
      program.forward(run);
      device_->add(program.output(0), onDevice);
    });
  }
}

bool Evaluator::take(EvaluationPass& pass) {
  if (device_) {
    device_->read(pass.tallies);
    const double took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - askedAt_).count();
    if (took > kMilliseconds) mostPieces_ = std::max<size_t>(1, mostPieces_ / 2);
    else if (took < kMilliseconds / 4 && pieces_ == mostPieces_) mostPieces_ *= 2;
  }
  pass.done = pass.asked;
  return pass.done < pass.data->count;
}

template <class Judge>
void Evaluator::forward(EvaluationPass& pass, const Judge& judge) {
  const size_t begin = pass.asked, columns = scoring_.columns(), count = pass.data->count;
  const size_t rows = std::min(rows_, count - begin);
  Run run = runOf(pass.lanes);
  Program<float>& program = programFor(rows);
  judge(run, program, begin, rows);
  for (int lane = 0; scoring_.ranks() && lane < pass.lanes.count; ++lane) {
    if (pass.lanes.has(lane)) copyRows(program, lane, rows, pass.outputs.data() + (static_cast<size_t>(lane) * count + begin) * columns);
  }
  pass.asked += rows;
}

void Evaluator::finish(const EvaluationPass& pass, Score* scores) const {
  const size_t columns = scoring_.columns(), count = pass.data->count;
  for (int lane = 0; lane < pass.lanes.count; ++lane) {
    if (!pass.lanes.has(lane)) continue;
    const size_t i = static_cast<size_t>(lane);
    scoring_.score(pass.tallies[i], *pass.spread, pass.outputs.data() + (scoring_.ranks() ? i * count * columns : 0),
                   pass.data->targetsFrom(0, columns), count, scores[i]);
  }
}

void Evaluator::evaluate(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes, Score* scores) {
  begin(whole_, data, spread, lanes);
  while (step(whole_)) continue;
  finish(whole_, scores);
}

void Evaluator::copyRows(Program<float>& program, int lane, size_t rows, float* to) const {
  const Operand<float>& output = program.output(0);
  const size_t columns = scoring_.columns();
  // Rows of a device are never interleaved.
  if (DeviceBackend* device = model_.device()) return device->copyFrom(to, output.data(lane), rows * columns * sizeof(float));
  for (size_t row = 0; row < rows; ++row) {
    const float* from = output.data(lane) + row * output.rowStride;
    std::copy(from, from + columns, to + row * columns);
  }
}

std::vector<float> Evaluator::predict(int lane, const float* inputs, size_t count) {
  std::fill(only_.begin(), only_.end(), static_cast<unsigned char>(0));
  only_[static_cast<size_t>(lane)] = 1;
  Run run = runOf({model_.lanes(), only_.data(), 1});
  const size_t columns = scoring_.columns();
  std::vector<float> result(count * columns);
  for (size_t begin = 0; begin < count; begin += rows_) {
    const size_t rows = std::min(rows_, count - begin);
    Program<float>& program = programFor(rows);
    const float* const from = inputs + begin * model_.inputRow();
    program.setInput(0, device_ ? device_->inputsOf(from, rows) : from);
    program.forward(run);
    copyRows(program, lane, rows, result.data() + begin * columns);
  }
  return result;
}

}  // namespace deltalab
