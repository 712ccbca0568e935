#include "updater.h"

#include <algorithm>
#include <cmath>

#include "../cpu/kernels/elementwise.h"
#include "penalties.h"

namespace deltalab {

Updater::Updater(Model<float>& model, OptimizerKind optimizer, const std::vector<LaneSettings>& lanes)
    : model_(model), optimizer_(optimizerOf(optimizer)), layout_(model, optimizer_, lanes, lanes.size()) {
  trainedOf_.assign(model.parameters().all().size(), -1);
  for (const TrainedParameter& trained : layout_.trained) {
    trainedOf_[trained.parameter] = static_cast<int>(trained_.size());
    trained_.push_back({trained, squaresPerLane_});
    squaresPerLane_ += model.parameters().all()[trained.parameter].count / GradientSink::kLeastPiece + 1;
  }
  state_ = AlignedBuffer<float>(layout_.stateSize);
  squares_.assign(lanes.size() * squaresPerLane_, 0.0);
  taken_.assign(lanes.size(), nullptr);
}

void Updater::restore(const std::vector<float>& state) { std::copy(state.begin(), state.end(), state_.data()); }

double& Updater::squareAt(int lane, const Trained& trained, size_t begin) {
  return squares_[static_cast<size_t>(lane) * squaresPerLane_ + trained.firstSquare + begin / GradientSink::kLeastPiece];
}

double Updater::sumOfSquaresOf(int lane) const {
  double sum = 0;
  for (size_t i = 0; i < squaresPerLane_; ++i) sum += squares_[static_cast<size_t>(lane) * squaresPerLane_ + i];
  return sum;
}

double Updater::directionNorm(size_t parameter, int lane) const {
  if (trainedOf_[parameter] < 0) return 0;
  const Trained& trained = trained_[static_cast<size_t>(trainedOf_[parameter])];
  if (!(*taken_[static_cast<size_t>(lane)])[parameter]) {
    const Parameter<float>& values = model_.parameters().all()[parameter];
    return std::sqrt(sumOfSquares(values.gradients(lane), values.count));
  }
  const size_t places = model_.parameters().all()[parameter].count / GradientSink::kLeastPiece + 1;
  const double* squares = squares_.data() + static_cast<size_t>(lane) * squaresPerLane_ + trained.firstSquare;
  double sum = 0;
  for (size_t i = 0; i < places; ++i) sum += squares[i];
  return std::sqrt(sum);
}

bool Updater::movesByGradientAlone(const LaneSettings& settings) const {
  return optimizer_.kind == OptimizerKind::Sgd && settings.momentum == 0 && settings.weightDecay == 0 && settings.l1 == 0 &&
         settings.clipValue == 0 && settings.clipNorm == 0 && settings.maxNorm == 0;
}

void Updater::begin(int lane, const std::vector<bool>& taken) {
  const std::vector<bool>*& before = taken_[static_cast<size_t>(lane)];
  if (before == &taken) return;
  before = &taken;
  // Another program may cut its gradients into other pieces.
  double* squares = squares_.data() + static_cast<size_t>(lane) * squaresPerLane_;
  std::fill(squares, squares + squaresPerLane_, 0.0);
}

void Updater::take(const UpdateStep& step, int lane, int parameter, size_t begin, size_t count, float* gradient) {
  const Trained& trained = trained_[static_cast<size_t>(trainedOf_[static_cast<size_t>(parameter)])];
  penalise(step.settings, lane, trained, begin, count, gradient);
  move(step, lane, trained, begin, count, gradient);
  squareAt(lane, trained, begin) = sumOfSquares(gradient, count);
}

/** f(begin, count, gradient in its buffer) over pieces that follow from the parameter's size. */
template <class F>
void Updater::forEachPiece(ThreadPool& pool, const Trained& trained, int lane, F&& f) {
  const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
  const size_t pieces = parameter.count / kChunkElements + 1;
  const auto give = [&](int piece) {
    const size_t begin = parameter.count * static_cast<size_t>(piece) / pieces;
    const size_t end = parameter.count * static_cast<size_t>(piece + 1) / pieces;
    f(begin, end - begin, parameter.gradients(lane) + begin);
  };
  if (pieces == 1) give(0);
  else pool.forEach(static_cast<int>(pieces), give);
}

void Updater::finish(ThreadPool& pool, const UpdateStep& step, int lane) {
  const std::vector<bool>& taken = *taken_[static_cast<size_t>(lane)];
  const bool wholeFirst = !takesPieces(step.settings);
  if (wholeFirst) clipNorm(pool, step, lane);
  for (const Trained& trained : trained_) {
    if (taken[trained.parameter]) continue;
    forEachPiece(pool, trained, lane, [&](size_t begin, size_t count, float* gradient) {
      if (!wholeFirst) penalise(step.settings, lane, trained, begin, count, gradient);
      move(step, lane, trained, begin, count, gradient);
    });
  }
  if (step.settings.maxNorm != 0) limitUnits(pool, step.settings, lane);
}

void Updater::penalise(const LaneSettings& settings, int lane, const Trained& trained, size_t begin, size_t count,
                       float* gradient) {
  float* __restrict g = gradient;
  if (settings.l1 != 0) {
    const float* __restrict w = model_.parameters().all()[trained.parameter].values(lane) + begin;
    const float penalty = static_cast<float>(settings.l1);
    for (size_t i = 0; i < count; ++i) g[i] += l1Gradient(w[i], penalty);
  }
  if (settings.clipValue != 0) {
    const float limit = static_cast<float>(settings.clipValue);
    for (size_t i = 0; i < count; ++i) g[i] = clippedTo(limit, g[i]);
  }
}

void Updater::move(const UpdateStep& step, int lane, const Trained& trained, size_t begin, size_t count, float* gradient) {
  const Parameter<float>& parameter = model_.parameters().all()[trained.parameter];
  UpdateChunk chunk{parameter.values(lane) + begin, gradient, {}, count};
  const size_t slotStride = alignedCount<float>(parameter.count * layout_.lanes);
  float* const ofLane = state_.data() + trained.offset + static_cast<size_t>(lane) * parameter.count + begin;
  for (size_t slot = 0; slot < layout_.slots; ++slot) chunk.slots[slot] = ofLane + slot * slotStride;
  optimizer_.update(step, chunk);
}

/**
 * torch.nn.utils.clip_grad_norm_: g *= min(1, limit / (norm + 1e-6)), the norm being that of all trained values together, penalties
 * included.
 */
void Updater::clipNorm(ThreadPool& pool, const UpdateStep& step, int lane) {
  for (const Trained& trained : trained_) {
    forEachPiece(pool, trained, lane, [&](size_t begin, size_t count, float* gradient) {
      penalise(step.settings, lane, trained, begin, count, gradient);
      double sum = 0;
      for (size_t i = 0; i < count; ++i) sum += static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
      squareAt(lane, trained, begin) = sum;
    });
  }
  const double scale = clipScale(step.settings.clipNorm, sumOfSquaresOf(lane));
  // Not std::min: a norm that is no number must not pass for 1.
  if (scale >= 1) return;
  for (const Trained& trained : trained_) {
    forEachPiece(pool, trained, lane, [&](size_t, size_t count, float* gradient) {
      for (size_t i = 0; i < count; ++i) gradient[i] *= static_cast<float>(scale);
    });
  }
}

void Updater::limitUnits(ThreadPool& pool, const LaneSettings& settings, int lane) {
  pool.forEach(static_cast<int>(trained_.size()), [&](int index) {
    const Trained& trained = trained_[static_cast<size_t>(index)];
    if (!trained.units) return;
    limitNorms(model_.parameters().all()[trained.parameter].values(lane), *trained.units, settings.maxNorm);
  });
}

}  // namespace deltalab
