#include <algorithm>
#include <stdexcept>

#include "bytes.h"
#include "errors.h"
#include "trainer.h"

// The saved state of a trainer: header, then everything in the order of `saveState`, then a checksum of all before it.

namespace deltalab {

namespace {

constexpr uint32_t kMagic = 0x54534C44;  // "DLST"
constexpr uint32_t kVersion = 3;

[[noreturn]] void failMismatch(const std::string& reason) {
  throw EngineError("state.mismatch", "The saved state does not fit this training: " + reason, {{"reason", reason}});
}

void writeOptional(ByteWriter& writer, const std::optional<int64_t>& value) {
  writer.value<uint8_t>(value.has_value());
  writer.value<int64_t>(value.value_or(0));
}

void writeOptional(ByteWriter& writer, const std::optional<double>& value) {
  writer.value<uint8_t>(value.has_value());
  writer.value<double>(value.value_or(0));
}

template <class T>
std::optional<T> readOptional(ByteReader& reader) {
  const bool there = reader.value<uint8_t>() != 0;
  const T value = reader.value<T>();
  return there ? std::optional<T>(value) : std::nullopt;
}

/** An enum's value from its byte, 0 to `last`; of any other, `ok` becomes false. */
template <class T>
T readEnum(ByteReader& reader, T last, bool& ok) {
  const uint8_t byte = reader.value<uint8_t>();
  ok = ok && byte <= static_cast<uint8_t>(last);
  return static_cast<T>(byte <= static_cast<uint8_t>(last) ? byte : 0);
}

/** Whether each number from 0 to the size - 1 occurs once. */
bool isPermutation(const std::vector<int64_t>& order) {
  std::vector<bool> seen(order.size(), false);
  for (int64_t index : order) {
    if (index < 0 || static_cast<uint64_t>(index) >= order.size() || seen[static_cast<size_t>(index)]) return false;
    seen[static_cast<size_t>(index)] = true;
  }
  return true;
}

/** The generator of saved bytes; of any other bytes, `ok` becomes false. */
Generator readGenerator(const std::vector<uint8_t>& bytes, bool& ok) {
  Generator generator(0);
  try {
    generator.load(bytes.data(), bytes.size());
  } catch (const std::invalid_argument&) {
    ok = false;
  }
  return generator;
}

}  // namespace

/**
 * What must be equal for a state to make sense: the network's form, the values it does not train (they are not in the state), the lanes,
 * the optimizer, the data and the way they are walked, and the precision. States of float32 are as they were before there was a choice.
 */
uint64_t Trainer::fingerprint() const {
  Checksum sum;
  for (const GraphNode& node : model_.graph().nodes) {
    sum.add(node.name);
    sum.add(node.opType);
    for (const std::string& input : node.inputs) sum.add(input);
    for (const std::string& output : node.outputs) sum.add(output);
    for (const Attribute& attribute : node.attributes) {
      sum.add(attribute.name);
      sum.add(attribute.text);
      sum.add(&attribute.number, sizeof attribute.number);
      sum.add(attribute.numbers.data(), attribute.numbers.size() * sizeof(double));
    }
  }
  for (const Initializer& initializer : model_.graph().initializers) {
    sum.add(initializer.name);
    sum.add(initializer.trainable());
    for (int64_t size : initializer.dims) sum.add(static_cast<uint64_t>(size));
    if (initializer.trainable()) continue;
    sum.add(initializer.values.data(), initializer.values.size() * sizeof(float));
    sum.add(initializer.integers.data(), initializer.integers.size() * sizeof(int64_t));
  }
  sum.add(lanes_.size());
  sum.add(batch_);
  for (const DataSplit* split : {&plan_.training, plan_.validation ? &*plan_.validation : nullptr}) {
    if (!split) continue;
    sum.add(split->count);
    sum.add(checksumOfBlock(split->inputs.data(), split->inputs.size() * sizeof(float)));
    sum.add(checksumOfBlock(split->targets.data(), split->targets.size() * sizeof(float)));
    sum.add(checksumOfBlock(split->classes.data(), split->classes.size() * sizeof(int64_t)));
  }
  sum.add(plan_.shuffle);
  sum.add(static_cast<uint64_t>(plan_.loss));
  const LossOptions& options = plan_.lossOptions;
  for (double option : {options.delta, options.labelSmoothing, options.margin}) sum.add(&option, sizeof option);
  sum.add(options.classWeights.data(), options.classWeights.size() * sizeof(float));
  for (Metric metric : plan_.metrics) sum.add(static_cast<uint64_t>(metric));
  sum.add(static_cast<uint64_t>(plan_.optimizer));
  sum.add(updateLayout_->stateSize);
  if (plan_.precision != Precision::Float32) sum.add(static_cast<uint64_t>(plan_.precision));
  return sum.value();
}

std::vector<uint8_t> Trainer::saveState() const {
  // The large parts, and some room for the rest: growing step by step would take many times as long as writing.
  const size_t floats = updateLayout_->stateSize + 2 * ownCount_ * lanes_.size();
  ByteWriter writer;
  writer.reserve(floats * sizeof(float) + order_.size() * sizeof(int64_t) + (size_t{1} << 16));
  writer.value(kMagic);
  writer.value(kVersion);
  writer.value(fingerprint_);
  writer.value(step_);
  writer.value(epoch_);
  writer.value<uint64_t>(position_);
  writer.value<uint8_t>(startReported_);
  writer.value(referenceLoss_);
  writer.value(seconds_);
  const std::vector<uint8_t> generator = generator_.save();
  writer.array(generator.data(), generator.size());
  const bool midEpoch = position_ > 0 && plan_.shuffle;
  writer.array(order_.data(), midEpoch ? order_.size() : 0);
  for (size_t i = 0; i < lanes_.size(); ++i) {
    const Lane& lane = lanes_[i];
    // Field by field: the padding of a struct would make equal states differ.
    for (const NumberSetting& setting : numberSettings()) writer.value(lane.settings.*setting.field);
    for (const SwitchSetting& setting : switchSettings()) writer.value<uint8_t>(lane.settings.*setting.field);
    writer.value(static_cast<uint8_t>(lane.status.state));
    writer.value(static_cast<uint8_t>(lane.status.cause));
    writeOptional(writer, lane.status.step);
    writeOptional(writer, lane.status.epoch);
    writeOptional(writer, lane.status.loss);
    writeOptional(writer, lane.status.bestEpoch);
    writeOptional(writer, lane.status.bestLoss);
    writer.value(lane.plateau.best);
    for (int64_t count : {lane.plateau.waited, lane.plateau.resting, lane.plateau.reductions, lane.waited}) writer.value(count);
    writer.value(lane.bestJudged);
    writer.value(lane.lastRate);
    const std::vector<double> norms = updateNorms(lane);
    writer.array(norms.data(), norms.size());
    // Copies are made of what lies on a device only: a checkpoint of the processor is written from where its values are.
    const std::vector<float> fetchedBest = onDevices_ ? bestOf(static_cast<int>(i)) : std::vector<float>();
    const std::vector<float>& best = onDevices_ ? fetchedBest : lane.best;
    writer.array(best.data(), best.size());
    writer.value(batchLoss_[i]);
    const Tally& tally = tallies_[i];
    for (double figure : {tally.rows, tally.weight, tally.loss, tally.correct, tally.top3, tally.top5, tally.absolute}) {
      writer.value(figure);
    }
    for (const std::vector<double>* counts : {&tally.squares, &tally.hits, &tally.said, &tally.were}) {
      writer.array(counts->data(), counts->size());
    }
  }
  const std::vector<Parameter<float>>& parameters = model_.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].perLane()) continue;
    const std::vector<float> fetched = onDevices_ ? valuesOfAll(i) : std::vector<float>();
    writer.array(onDevices_ ? fetched.data() : parameters[i].storage.data, parameters[i].count * lanes_.size());
  }
  if (onDevices_) {
    const std::vector<float> remembered = deviceState();
    writer.array(remembered.data(), remembered.size());
  } else {
    updater_->save(writer);
  }
  const uint64_t checksum = checksumOfBlock(writer.bytes().data(), writer.bytes().size());
  writer.value(checksum);
  return std::move(writer.bytes());
}

std::vector<float> Trainer::deviceState() const {
  std::vector<float> state(updateLayout_->stateSize);
  for (const auto& group : groups_) {
    updateLayout_->put(state.data(), static_cast<size_t>(group->first), group->training->layout(), group->training->updateState().data());
  }
  return state;
}

void Trainer::restoreDevices(const std::vector<float>& state) {
  for (const auto& group : groups_) {
    const UpdateLayout& layout = group->training->layout();
    std::vector<float> part(layout.stateSize);
    updateLayout_->take(state.data(), static_cast<size_t>(group->first), layout, part.data());
    group->training->update().restore(part.data());
  }
  for (size_t i = 0; i < lanes_.size(); ++i) {
    const int lane = static_cast<int>(i);
    const LaneGroup& group = groupOf(lane);
    if (!lanes_[i].best.empty()) group.training->restoreBest(group.own(lane), std::exchange(lanes_[i].best, {}));
  }
}

void Trainer::loadState(const std::vector<uint8_t>& state) {
  ByteReader reader(state.data(), state.size());
  if (reader.value<uint32_t>() != kMagic) failMismatch("it is not a saved state");
  const uint32_t version = reader.value<uint32_t>();
  if (version != kVersion) failMismatch("it has the version " + std::to_string(version));
  if (reader.value<uint64_t>() != fingerprint_ || !reader.ok()) {
    failMismatch("it is of another network, data set, batch size or number of lanes");
  }
  const size_t body = state.size() - sizeof(uint64_t);
  ByteReader tail(state.data() + body, sizeof(uint64_t));
  if (tail.value<uint64_t>() != checksumOfBlock(state.data(), body)) failMismatch("it is damaged");

  // Everything is read and checked before anything is changed: the checksum finds accidents, not what somebody wrote on purpose.
  bool sound = true;
  const int64_t step = reader.value<int64_t>();
  const int64_t epoch = reader.value<int64_t>();
  const size_t position = static_cast<size_t>(reader.value<uint64_t>());
  const bool startReported = reader.value<uint8_t>() != 0;
  const double referenceLoss = reader.value<double>();
  const double seconds = reader.value<double>();
  const Generator generator = readGenerator(reader.array<uint8_t>(), sound);
  const std::vector<int64_t> order = reader.array<int64_t>();
  std::vector<Lane> lanes(lanes_.size());
  std::vector<double> batchLoss(lanes_.size());
  std::vector<Tally> tallies(lanes_.size(), scoring_->emptyTally());
  for (size_t i = 0; i < lanes.size(); ++i) {
    Lane& lane = lanes[i];
    for (const NumberSetting& setting : numberSettings()) lane.settings.*setting.field = reader.value<double>();
    for (const SwitchSetting& setting : switchSettings()) lane.settings.*setting.field = reader.value<uint8_t>() != 0;
    // More slots than there are would be written beyond their memory.
    sound = sound && checkSettings(lane.settings, plan_.optimizer).setting.empty() &&
            optimizerOf(plan_.optimizer).slots(lane.settings) <= updateLayout_->slots;
    lane.status.learningRate = lane.settings.learningRate;
    lane.status.state = readEnum(reader, LaneState::TimeUp, sound);
    lane.status.cause = readEnum(reader, Cause::Grown, sound);
    lane.status.step = readOptional<int64_t>(reader);
    lane.status.epoch = readOptional<int64_t>(reader);
    lane.status.loss = readOptional<double>(reader);
    lane.status.bestEpoch = readOptional<int64_t>(reader);
    lane.status.bestLoss = readOptional<double>(reader);
    lane.plateau.best = reader.value<double>();
    for (int64_t* count : {&lane.plateau.waited, &lane.plateau.resting, &lane.plateau.reductions, &lane.waited}) {
      *count = reader.value<int64_t>();
      sound = sound && *count >= 0;
    }
    lane.bestJudged = reader.value<double>();
    lane.lastRate = reader.value<double>();
    lane.keptNorms = reader.array<double>(lanes_[i].keptNorms.size());
    lane.best = reader.array<float>();
    batchLoss[i] = reader.value<double>();
    Tally& tally = tallies[i];
    for (double* figure :
         {&tally.rows, &tally.weight, &tally.loss, &tally.correct, &tally.top3, &tally.top5, &tally.absolute}) {
      *figure = reader.value<double>();
    }
    for (std::vector<double>* counts : {&tally.squares, &tally.hits, &tally.said, &tally.were}) {
      *counts = reader.array<double>(counts->size());
    }
    // A run that had reached its last epoch, or had no time left, goes on when the plan now has more.
    const bool moreTime = !plan_.maxSeconds || seconds < *plan_.maxSeconds;
    if ((lane.status.state == LaneState::Finished && epoch < plan_.epochs) || (lane.status.state == LaneState::TimeUp && moreTime)) {
      lane.status.state = LaneState::Running;
      lane.status.step.reset();
      lane.status.epoch.reset();
    }
  }
  std::vector<std::vector<float>> weights;
  for (const Parameter<float>& parameter : model_.parameters().all()) {
    if (parameter.perLane()) weights.push_back(reader.array<float>(parameter.count * lanes_.size()));
  }
  const std::vector<float> remembered = reader.array<float>(updateLayout_->stateSize);
  const bool bestFits = std::all_of(lanes.begin(), lanes.end(), [&](const Lane& lane) {
    return lane.best.size() == (lane.status.bestLoss ? ownCount_ : 0);
  });
  const bool orderFits = order.size() == (position > 0 && plan_.shuffle ? order_.size() : 0);
  const bool placeFits = step >= 0 && epoch >= 0 && position <= plan_.training.count &&
                         (position % batch_ == 0 || position == plan_.training.count);
  const bool whole = reader.ok() && reader.left() == sizeof(uint64_t);
  if (!whole || !sound || !placeFits || !bestFits || !orderFits || !isPermutation(order)) failMismatch("it is damaged");

  generator_ = generator;
  step_ = step;
  epoch_ = epoch;
  position_ = position;
  startReported_ = startReported;
  referenceLoss_ = referenceLoss;
  seconds_ = seconds;
  if (!order.empty()) order_ = order;
  lanes_ = std::move(lanes);
  batchLoss_ = std::move(batchLoss);
  tallies_ = std::move(tallies);
  auto from = weights.begin();
  const std::vector<Parameter<float>>& parameters = model_.parameters().all();
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!parameters[i].perLane()) continue;
    for (const auto& group : groups_) group->write(i, from->data() + static_cast<size_t>(group->first) * parameters[i].count);
    ++from;
  }
  if (onDevices_) restoreDevices(remembered);
  else updater_->restore(remembered);
  newOrder_ = true;
  // What was being evaluated were other weights.
  for (const auto& group : groups_) group->pass.data = nullptr;
  start_.reset();
  running_.clear();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    active_[i] = lanes_[i].status.state == LaneState::Running ? 1 : 0;
    if (active_[i]) running_.push_back(static_cast<int>(i));
  }
  progress_.store(step_, std::memory_order_relaxed);
}

}  // namespace deltalab
