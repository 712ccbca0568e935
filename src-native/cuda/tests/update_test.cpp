#include <algorithm>
#include <cmath>
#include <cstring>

#include "../backend.h"
#include "core/updater.h"
#include "tests/fixtures.h"
#include "tests/harness.h"

// Updates on a card against those of the processor, by gradients that are given.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** Kernels that keep units in columns, in filters and in rows; one of more than one chunk. */
Graph convolutional() {
  Generator generator(3);
  Graph graph;
  graph.name = "convolutional";
  graph.inputs = {{"x", {-1, 2, 4, 4}}};
  graph.initializers = {initializer("filters", {3, 2, 3, 3}, generator), initializer("rows", {70, 12}, generator),
                        initializer("columns", {70, 40}, generator), initializer("bias", {40}, generator)};
  graph.nodes = {node("conv", "Conv", {"x", "filters"}), node("flat", "Flatten", {"conv.out"}),
                 node("wide", "Gemm", {"flat.out", "rows"}, {numberAttribute("transB", 1)}), node("out", "Gemm", {"wide.out", "columns", "bias"})};
  graph.outputs = {{"out.out", {-1, 40}}};
  return graph;
}

constexpr size_t kFrozen = 1;

/** An update of the same weights on the processor and on a card. */
class Pair {
 public:
  Pair(OptimizerKind optimizer, std::vector<LaneSettings> lanes)
      : lanes_(std::move(lanes)),
        count_(static_cast<int>(lanes_.size())),
        host_(convolutional(), count_, 1, true),
        card_(convolutional(), count_, 1, true, &device_),
        active_(device_, lanes_.size()),
        cursor_(device_, 1) {
    host_.program(2, ProgramMode::Training);
    card_.program(2, ProgramMode::Training);
    taken_.assign(host_.parameters().all().size(), false);
    updater_ = std::make_unique<Updater>(host_, optimizer, lanes_);
    layout_.emplace(card_, optimizerOf(optimizer), lanes_, lanes_.size());
    update_ = device_.createUpdate(card_, optimizer, *layout_);
    std::vector<unsigned char> active(lanes_.size(), 1);
    active[kFrozen] = 0;
    active_.fill(active.data());
  }

  std::vector<LaneSettings>& lanes() { return lanes_; }

  /** A round; the rate of each step is another. Whether the work of the card became another. */
  bool go(int steps) {
    const auto rateOf = [](const LaneSettings& settings, int64_t number) { return settings.learningRate / (1 + 0.1 * static_cast<double>(number)); };
    std::vector<LanePenalties> penalties;
    for (const LaneSettings& s : lanes_) penalties.push_back({static_cast<float>(s.l1), static_cast<float>(s.clipValue), s.clipNorm, s.maxNorm});
    std::vector<UpdateStep> updates;
    for (int step = 1; step <= steps; ++step) {
      for (const LaneSettings& s : lanes_) updates.push_back({s, rateOf(s, done_ + step), done_ + step});
    }
    const bool other = update_->prepare(penalties.data(), updates.data(), static_cast<size_t>(steps));
    for (int step = 0; step < steps; ++step) {
      giveGradients();
      const DeviceCursor cursor{{static_cast<uint64_t>(done_), 0, static_cast<uint64_t>(step)}, {}};
      cursor_.fill(&cursor);
      update_->run(active_.data(), cursor_.data());
      ++done_;
      for (size_t lane = 0; lane < lanes_.size(); ++lane) {
        if (lane == kFrozen) continue;
        updater_->begin(static_cast<int>(lane), taken_);
        updater_->finish(host_.pool(), {lanes_[lane], rateOf(lanes_[lane], done_), done_}, static_cast<int>(lane));
      }
    }
    return other;
  }

  void takeHostState() {
    for (size_t i = 0; i < taken_.size(); ++i) {
      const Parameter<float>& from = host_.parameters().all()[i];
      device_.copyTo(card_.parameters().all()[i].values(0), from.values(0), from.count * lanes_.size() * sizeof(float));
    }
    update_->restore(hostState().data());
  }

  /** Weights, directions and what is remembered. */
  void compare(const std::string& what) {
    for (size_t i = 0; i < taken_.size(); ++i) {
      const Parameter<float>&host = host_.parameters().all()[i], &card = card_.parameters().all()[i];
      CHECK(host.reached && card.reached);
      for (int lane = 0; lane < count_; ++lane) {
        compare(what + ": weights of " + host.name, host.values(lane), read(card.values(lane), card.count), lane);
        compare(what + ": directions of " + host.name, host.gradients(lane), read(card.gradients(lane), card.count), lane);
      }
    }
    std::vector<float> state(layout_->stateSize);
    update_->save(state.data());
    const std::vector<float> wanted = hostState();
    for (const TrainedParameter& trained : layout_->trained) {
      const size_t count = card_.parameters().all()[trained.parameter].count;
      for (size_t slot = 0; slot < layout_->slots; ++slot) {
        for (int lane = 0; lane < count_; ++lane) {
          const size_t at = trained.offset + slot * alignedCount<float>(count * lanes_.size()) + static_cast<size_t>(lane) * count;
          const std::vector<float> got(state.begin() + static_cast<std::ptrdiff_t>(at), state.begin() + static_cast<std::ptrdiff_t>(at + count));
          compare(what + ": slot " + std::to_string(slot), wanted.data() + at, got, lane);
        }
      }
    }
  }

 private:
  void giveGradients() {
    for (size_t i = 0; i < taken_.size(); ++i) {
      const Parameter<float>&host = host_.parameters().all()[i], &card = card_.parameters().all()[i];
      for (int lane = 0; lane < count_; ++lane) {
        Generator generator(static_cast<uint64_t>(1 + lane) * 1000 + static_cast<uint64_t>(done_) * 10 + i);
        generator.uniform(host.gradients(lane), host.count, -1, 1);
        host.gradients(lane)[0] = 0;
        device_.copyTo(card.gradients(lane), host.gradients(lane), host.count * sizeof(float));
      }
    }
  }

  std::vector<float> read(const float* from, size_t count) {
    std::vector<float> values(count);
    device_.copyFrom(values.data(), from, count * sizeof(float));
    return values;
  }

  std::vector<float> hostState() {
    // As it is saved: a length, then the values.
    ByteWriter writer;
    updater_->save(writer);
    std::vector<float> state(updater_->layout().stateSize);
    const std::vector<uint8_t>& bytes = writer.bytes();
    if (!state.empty()) std::memcpy(state.data(), bytes.data() + (bytes.size() - state.size() * sizeof(float)), state.size() * sizeof(float));
    return state;
  }

  /** To 1e-6 of the largest value; to the bit where a lane rests. */
  static void compare(const std::string& what, const float* wanted, const std::vector<float>& got, int lane) {
    float largest = 0;
    for (size_t i = 0; i < got.size(); ++i) largest = std::max(largest, std::fabs(wanted[i]));
    const float tolerance = static_cast<size_t>(lane) == kFrozen ? 0 : 1e-6F * largest;
    for (size_t i = 0; i < got.size(); ++i) {
      if (std::fabs(wanted[i] - got[i]) <= tolerance) continue;
      return fail(what.c_str(), lane, "value " + std::to_string(i) + " is " + std::to_string(got[i]) + ", expected " + std::to_string(wanted[i]));
    }
  }

  std::vector<LaneSettings> lanes_;
  int count_;
  cuda::CudaBackend device_{0};
  Model<float> host_, card_;
  std::vector<bool> taken_;
  std::unique_ptr<Updater> updater_;
  std::optional<UpdateLayout> layout_;
  std::unique_ptr<DeviceUpdate> update_;
  DeviceBuffer<unsigned char> active_;
  DeviceBuffer<DeviceCursor> cursor_;
  int64_t done_ = 0;
};

/** Lanes without options, at rest, with each of the optimizer's options, and with all that comes before and after an optimizer. */
std::vector<LaneSettings> lanesOf(OptimizerKind optimizer) {
  LaneSettings plain;
  plain.learningRate = 0.02;
  std::vector<LaneSettings> lanes(7, plain);
  lanes[2].momentum = lanes[3].momentum = 0.9;
  lanes[2].dampening = 0.25;
  lanes[3].nesterov = lanes[3].centered = lanes[3].amsgrad = true;
  lanes[3].weightDecay = 0.05;
  lanes[3].initialAccumulator = 0.5;
  lanes[3].learningRateDecay = 0.1;
  lanes[4].centered = true;
  lanes[4].l1 = 0.01;
  lanes[4].clipValue = 0.4;
  lanes[5].l1 = 0.02;
  lanes[5].clipValue = 0.8;
  lanes[5].clipNorm = 1.5;
  lanes[6].weightDecay = 0.1;
  lanes[6].maxNorm = 1.25;
  lanes[6].clipNorm = 1e6;
  if (optimizer == OptimizerKind::Sgd) lanes[3].dampening = 0;
  return lanes;
}

}  // namespace

TEST(cuda_update_moves_weights_as_the_processor) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    Pair pair(optimizer->kind, lanesOf(optimizer->kind));
    CHECK(pair.go(1));
    pair.compare(std::string(optimizer->name) + " after a step");
    pair.go(3);
    pair.compare(std::string(optimizer->name) + " after four");
  }
}

TEST(cuda_update_goes_on_from_a_state_of_the_processor) {
  for (const OptimizerDefinition* optimizer : allOptimizers()) {
    Pair pair(optimizer->kind, lanesOf(optimizer->kind));
    pair.go(3);
    pair.takeHostState();
    pair.go(2);
    pair.compare(optimizer->name);
  }
}

TEST(cuda_update_says_when_its_work_becomes_another) {
  std::vector<LaneSettings> lanes(2);
  Pair pair(OptimizerKind::Sgd, lanes);
  CHECK(!pair.go(2));
  pair.lanes()[0].clipNorm = 0.5;
  CHECK(pair.go(1));
  CHECK(!pair.go(2));
  pair.lanes()[0].maxNorm = 0.5;
  CHECK(pair.go(2));
  CHECK(!pair.go(2));
  CHECK(!pair.go(9));
  pair.compare("options that come later");
}
