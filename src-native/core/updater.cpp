#include "updater.h"

#include <algorithm>
#include <cmath>

namespace deltalab {

namespace {

/** Values of one partial sum: a fixed size, so that a norm does not depend on the number of threads. */
constexpr size_t kPiece = 4096;

template <class Predicate>
bool anyStep(const Run& run, const std::vector<UpdateStep>& steps, Predicate&& wanted) {
  for (int lane = 0; lane < run.lanes.count; ++lane) {
    if (run.lanes.has(lane) && wanted(steps[static_cast<size_t>(lane)].settings)) return true;
  }
  return false;
}

}  // namespace

Updater::Updater(Model<float>& model, OptimizerKind optimizer, const std::vector<LaneSettings>& lanes)
    : model_(model), optimizer_(optimizerOf(optimizer)) {
  for (const LaneSettings& lane : lanes) slots_ = std::max(slots_, optimizer_.slots(lane));
  const std::vector<Parameter<float>>& parameters = model.parameters().all();
  size_t total = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const Parameter<float>& parameter = parameters[i];
    if (!parameter.reached) continue;
    trained_.push_back({i, total, pieces_, unitsOf(model.graph(), parameter.name, parameter.dims)});
    total += slots_ * alignedCount<float>(parameter.count * lanes.size());
    pieces_ += (parameter.count + kPiece - 1) / kPiece;
  }
  state_ = AlignedBuffer<float>(total);
  squares_.assign(lanes.size() * pieces_, 0.0);
  scales_.assign(lanes.size(), 1.0F);
}

void Updater::restore(const std::vector<float>& state) { std::copy(state.begin(), state.end(), state_.data()); }

void Updater::step(Run& run, const std::vector<UpdateStep>& steps) {
  penalise(run, steps);
  clipNorms(run, steps);
  const size_t lanes = steps.size();
  for (const Trained& trained : trained_) {
    const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
    const size_t slotStride = alignedCount<float>(parameter.count * lanes);
    forEachChunk(run, parameter.count, [&](int lane, size_t begin, size_t count) {
      const UpdateStep& step = steps[static_cast<size_t>(lane)];
      UpdateChunk chunk{parameter.values(lane) + begin, parameter.gradients(lane) + begin, {}, count};
      for (size_t slot = 0; slot < slots_; ++slot) {
        chunk.slots[slot] =
            state_.data() + trained.offset + slot * slotStride + static_cast<size_t>(lane) * parameter.count + begin;
      }
      optimizer_.update(step, chunk);
    });
  }
  limitUnits(run, steps);
}

void Updater::penalise(Run& run, const std::vector<UpdateStep>& steps) {
  if (!anyStep(run, steps, [](const LaneSettings& lane) { return lane.l1 != 0 || lane.clipValue != 0; })) return;
  for (const Trained& trained : trained_) {
    const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
    forEachChunk(run, parameter.count, [&](int lane, size_t begin, size_t count) {
      const LaneSettings& settings = steps[static_cast<size_t>(lane)].settings;
      const float* __restrict w = parameter.values(lane) + begin;
      float* __restrict g = parameter.gradients(lane) + begin;
      if (settings.l1 != 0) {
        const float penalty = static_cast<float>(settings.l1);
        for (size_t i = 0; i < count; ++i) g[i] += w[i] > 0 ? penalty : w[i] < 0 ? -penalty : 0.0F;
      }
      if (settings.clipValue != 0) {
        const float limit = static_cast<float>(settings.clipValue);
        // Comparisons that are false for a value that is no number, so that it stays one.
        for (size_t i = 0; i < count; ++i) g[i] = g[i] > limit ? limit : g[i] < -limit ? -limit : g[i];
      }
    });
  }
}

/** torch.nn.utils.clip_grad_norm_: g *= min(1, limit / (norm + 1e-6)), the norm being that of all trained values together. */
void Updater::clipNorms(Run& run, const std::vector<UpdateStep>& steps) {
  if (!anyStep(run, steps, [](const LaneSettings& lane) { return lane.clipNorm != 0; })) return;
  const auto wanted = [&](int lane) { return steps[static_cast<size_t>(lane)].settings.clipNorm != 0; };
  for (const Trained& trained : trained_) {
    const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
    const int pieces = static_cast<int>((parameter.count + kPiece - 1) / kPiece);
    const auto sumPiece = [&](int lane, int piece) {
      const size_t begin = static_cast<size_t>(piece) * kPiece;
      const size_t count = std::min(kPiece, parameter.count - begin);
      const float* g = parameter.gradients(lane) + begin;
      double sum = 0;
      for (size_t i = 0; i < count; ++i) sum += static_cast<double>(g[i]) * static_cast<double>(g[i]);
      squares_[static_cast<size_t>(lane) * pieces_ + trained.firstPiece + static_cast<size_t>(piece)] = sum;
    };
    forEachLane(run, 0, [&](int lane) {
      if (!wanted(lane)) return;
      if (run.pool.threads() > 1 && parameter.count >= kParallelElements) {
        run.pool.forEach(pieces, [&](int piece) { sumPiece(lane, piece); });
      } else {
        for (int piece = 0; piece < pieces; ++piece) sumPiece(lane, piece);
      }
    });
  }
  forEachLane(run, 0, [&](int lane) {
    const size_t index = static_cast<size_t>(lane);
    scales_[index] = 1;
    if (!wanted(lane)) return;
    double sum = 0;
    for (size_t piece = 0; piece < pieces_; ++piece) sum += squares_[index * pieces_ + piece];
    const double scale = steps[index].settings.clipNorm / (std::sqrt(sum) + 1e-6);
    // Not std::min: a norm that is no number must not pass for 1.
    scales_[index] = scale >= 1 ? 1.0F : static_cast<float>(scale);
  });
  for (const Trained& trained : trained_) {
    const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
    forEachChunk(run, parameter.count, [&](int lane, size_t begin, size_t count) {
      const float scale = scales_[static_cast<size_t>(lane)];
      if (scale == 1) return;
      float* g = parameter.gradients(lane) + begin;
      for (size_t i = 0; i < count; ++i) g[i] *= scale;
    });
  }
}

void Updater::limitUnits(Run& run, const std::vector<UpdateStep>& steps) {
  if (!anyStep(run, steps, [](const LaneSettings& lane) { return lane.maxNorm != 0; })) return;
  for (const Trained& trained : trained_) {
    if (!trained.units) continue;
    const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
    forEachLane(run, parameter.count, [&](int lane) {
      const double largest = steps[static_cast<size_t>(lane)].settings.maxNorm;
      if (largest != 0) limitNorms(parameter.values(lane), *trained.units, largest);
    });
  }
}

}  // namespace deltalab
