#include "device_scorer.h"

#include <algorithm>

namespace deltalab {

namespace {

TallyLayout layoutOf(const Scoring& scoring) {
  const Counted counted = scoring.counted();
  return {scoring.columns(), counted.squares, counted.classes};
}

}  // namespace

DeviceTally::DeviceTally(DeviceBackend& device, const Scoring& scoring, int lanes)
    : layout_(layoutOf(scoring)),
      lanes_(static_cast<size_t>(lanes)),
      sums_(device, lanes_ * layout_.sums()),
      counts_(device, lanes_ * layout_.counts()) {}

void DeviceTally::write(const Tally* tallies) {
  std::vector<double> sums;
  std::vector<unsigned long long> counts;
  const auto count = [&](double value) { counts.push_back(static_cast<unsigned long long>(value)); };
  for (size_t lane = 0; lane < lanes_; ++lane) {
    const Tally& tally = tallies[lane];
    for (double sum : {tally.loss, tally.weight, tally.absolute}) sums.push_back(sum);
    sums.insert(sums.end(), tally.squares.begin(), tally.squares.end());
    for (double value : {tally.rows, tally.correct, tally.top3, tally.top5}) count(value);
    for (const std::vector<double>* values : {&tally.hits, &tally.said, &tally.were}) std::for_each(values->begin(), values->end(), count);
  }
  sums_.fill(sums.data());
  counts_.fill(counts.data());
}

void DeviceTally::read(Tally* tallies) const {
  std::vector<double> sums(sums_.size());
  std::vector<unsigned long long> counts(counts_.size());
  sums_.read(sums.data());
  counts_.read(counts.data());
  const double* sum = sums.data();
  const unsigned long long* count = counts.data();
  for (size_t lane = 0; lane < lanes_; ++lane) {
    Tally& tally = tallies[lane];
    for (double* to : {&tally.loss, &tally.weight, &tally.absolute}) *to = *sum++;
    for (double& to : tally.squares) to = *sum++;
    for (double* to : {&tally.rows, &tally.correct, &tally.top3, &tally.top5}) *to = static_cast<double>(*count++);
    for (std::vector<double>* values : {&tally.hits, &tally.said, &tally.were}) {
      for (double& to : *values) to = static_cast<double>(*count++);
    }
  }
}

DeviceScorer::DeviceScorer(DeviceBackend& device, const Scoring& scoring, int lanes, size_t maxRows, size_t inputRow)
    : device_(device),
      scoring_(scoring),
      lanes_(lanes),
      inputRow_(inputRow),
      classWeights_(device, scoring.options().classWeights.size()),
      scales_(device, scoring.columns()),
      active_(device, static_cast<size_t>(lanes)),
      tally_(device, scoring, lanes) {
  if (classWeights_.size() != 0) classWeights_.fill(scoring.options().classWeights.data());
  scales_.fill(scoring.scales().data());
  ObjectiveWork largest{};
  largest.lanes = lanes;
  largest.rows = maxRows;
  largest.columns = scoring.columns();
  largest.counted = scoring.counted();
  scratch_ = DeviceBuffer<double>(device, largest.scratchSize());
  passing_.inputs = DeviceBuffer<float>(device, maxRows * inputRow);
  if (scoring.loss().classes) passing_.classes = DeviceBuffer<int64_t>(device, maxRows);
  else passing_.values = DeviceBuffer<float>(device, maxRows * scoring.columns());
}

void DeviceScorer::keep(const DataSplit& data) {
  Split split;
  split.host = &data;
  split.inputs = DeviceBuffer<float>(device_, data.count * inputRow_);
  split.inputs.fill(data.inputs.data());
  if (scoring_.loss().classes) {
    split.classes = DeviceBuffer<int64_t>(device_, data.count);
    split.classes.fill(data.classes.data());
  } else {
    split.values = DeviceBuffer<float>(device_, data.count * scoring_.columns());
    split.values.fill(data.targets.data());
  }
  kept_.push_back(std::move(split));
}

DeviceRows DeviceScorer::rowsIn(const Split& split, size_t begin) const {
  return {split.inputs.data() + begin * inputRow_, split.values.data() ? split.values.data() + begin * scoring_.columns() : nullptr,
          split.classes.data() ? split.classes.data() + begin : nullptr};
}

DeviceRows DeviceScorer::rowsOf(const DataSplit& data, size_t begin, size_t rows) {
  for (const Split& split : kept_) {
    if (split.host == &data) return rowsIn(split, begin);
  }
  const TargetRows targets = data.targetsFrom(begin, scoring_.columns());
  inputsOf(data.inputs.data() + begin * inputRow_, rows);
  if (targets.classes) device_.copyTo(passing_.classes.data(), targets.classes, rows * sizeof(int64_t));
  else device_.copyTo(passing_.values.data(), targets.values, rows * scoring_.columns() * sizeof(float));
  return rowsIn(passing_, 0);
}

const float* DeviceScorer::inputsOf(const float* inputs, size_t rows) {
  device_.copyTo(passing_.inputs.data(), inputs, rows * inputRow_ * sizeof(float));
  return passing_.inputs.data();
}

ObjectiveWork DeviceScorer::workOf(const Operand<float>& output, const DeviceRows& rows, bool gradient) {
  const LossOptions& options = scoring_.options();
  ObjectiveWork work{};
  work.loss = scoring_.loss().kind;
  work.delta = options.delta;
  work.labelSmoothing = options.labelSmoothing;
  work.margin = options.margin;
  work.classWeights = classWeights_.data();
  work.counted = scoring_.counted();
  work.scales = scales_.data();
  work.lanes = lanes_;
  // A scalar is one row of one column.
  work.rows = output.shape.empty() ? 1 : static_cast<size_t>(output.shape[0]);
  work.columns = scoring_.columns();
  work.outputs = output.data(0);
  work.gradients = gradient ? output.gradient(0) : nullptr;
  work.laneStride = output.storage->laneStride;
  work.rowStride = output.rowStride;
  work.values = rows.values;
  work.classes = rows.classes;
  work.scratch = scratch_.data();
  return work;
}

DeviceRun DeviceScorer::choose(const LaneSet& lanes) {
  std::vector<unsigned char> active(active_.size());
  for (size_t lane = 0; lane < active.size(); ++lane) active[lane] = lanes.has(static_cast<int>(lane)) ? 1 : 0;
  active_.fill(active.data());
  return {active_.data(), nullptr};
}

void DeviceScorer::add(const Operand<float>& output, const DeviceRows& rows, bool gradient) {
  ObjectiveWork work = workOf(output, rows, gradient);
  work.active = active_.data();
  work.sums = tally_.sums();
  work.counts = tally_.counts();
  device_.addObjective(work);
}

}  // namespace deltalab
