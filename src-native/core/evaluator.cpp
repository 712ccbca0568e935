#include "evaluator.h"

#include <algorithm>
#include <limits>

namespace deltalab {

Evaluator::Evaluator(Model<float>& model, const Scoring& scoring)
    : model_(model),
      scoring_(scoring),
      objective_(scoring, model.lanes(), kRows),
      tallies_(static_cast<size_t>(model.lanes()), scoring.emptyTally()),
      losses_(static_cast<size_t>(model.lanes())),
      only_(static_cast<size_t>(model.lanes())) {}

void Evaluator::prepare(size_t count) {
  const auto keep = [&](size_t rows) {
    scoring_.checkOutput(model_.program(rows, ProgramMode::Inference).output(0).shape, rows);
  };
  if (count >= kRows) keep(kRows);
  if (count % kRows != 0) keep(count % kRows);
}

Program<float>& Evaluator::programFor(size_t rows) {
  Program<float>& program = model_.passingProgram(rows);
  scoring_.checkOutput(program.output(0).shape, rows);
  return program;
}

void Evaluator::evaluate(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes,
                         std::vector<Score>& scores) {
  for (Tally& tally : tallies_) tally.clear();
  Run run{model_.pool(), model_.workspace(), lanes};
  const size_t row = model_.inputRow();
  const size_t columns = scoring_.columns();
  if (scoring_.ranks()) outputs_.resize(static_cast<size_t>(lanes.count) * data.count * columns);
  for (size_t begin = 0; begin < data.count; begin += kRows) {
    const size_t rows = std::min(kRows, data.count - begin);
    Program<float>& program = programFor(rows);
    program.setInput(0, data.inputs.data() + begin * row);
    program.forward(run);
    objective_.run(run, program.output(0), data.targetsFrom(begin, columns), false, tallies_.data(), losses_.data());
    for (int lane = 0; scoring_.ranks() && lane < lanes.count; ++lane) {
      if (lanes.has(lane)) copyRows(program, lane, rows, outputs_.data() + (static_cast<size_t>(lane) * data.count + begin) * columns);
    }
  }
  double area = std::numeric_limits<double>::quiet_NaN();
  for (int lane = 0; lane < lanes.count; ++lane) {
    if (!lanes.has(lane)) continue;
    const Tally& tally = tallies_[static_cast<size_t>(lane)];
    Score& score = scores[static_cast<size_t>(lane)];
    score.loss = tally.loss / tally.weight;
    if (scoring_.ranks()) {
      const float* outputs = outputs_.data() + static_cast<size_t>(lane) * data.count * columns;
      area = scoring_.areaUnderCurve(outputs, data.targetsFrom(0, columns), data.count);
    }
    scoring_.figures(tally, spread, area, score.metrics);
  }
}

void Evaluator::copyRows(Program<float>& program, int lane, size_t rows, float* to) const {
  const Operand<float>& output = program.output(0);
  const size_t columns = scoring_.columns();
  for (size_t row = 0; row < rows; ++row) {
    const float* from = output.data(lane) + row * output.rowStride;
    std::copy(from, from + columns, to + row * columns);
  }
}

std::vector<float> Evaluator::predict(int lane, const float* inputs, size_t count) {
  std::fill(only_.begin(), only_.end(), static_cast<unsigned char>(0));
  only_[static_cast<size_t>(lane)] = 1;
  Run run{model_.pool(), model_.workspace(), LaneSet{model_.lanes(), only_.data(), 1}};
  const size_t columns = scoring_.columns();
  std::vector<float> result(count * columns);
  for (size_t begin = 0; begin < count; begin += kRows) {
    const size_t rows = std::min(kRows, count - begin);
    Program<float>& program = programFor(rows);
    program.setInput(0, inputs + begin * model_.inputRow());
    program.forward(run);
    copyRows(program, lane, rows, result.data() + begin * columns);
  }
  return result;
}

}  // namespace deltalab
