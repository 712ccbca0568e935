#include "conv_plane_correlation.h"

#include <algorithm>
#include <cmath>

namespace deltalab {

namespace {

/** Multiply-adds below which a second thread costs more than it brings. */
constexpr double kParallelWork = 1 << 17;

Index roundUp(Index value, Index step) { return (value + step - 1) / step * step; }

}  // namespace

PlaneCorrelation::PlaneCorrelation(const Correlation& correlation)
    : c_(correlation),
      groups_(correlation.depthwise ? correlation.sourceChannels : correlation.groups),
      sourceChannels_(correlation.depthwise ? 1 : correlation.sourceChannels),
      targetChannels_(correlation.depthwise ? 1 : correlation.targetChannels),
      planes_(correlation.y, correlation.x, groups_ * sourceChannels_) {
  for (const AxisPhase& down : c_.y.phases) {
    for (const AxisPhase& across : c_.x.phases) {
      if (down.count > 0 && across.count > 0) addPhase(down, across);
    }
  }
}

void PlaneCorrelation::addPhase(const AxisPhase& down, const AxisPhase& across) {
  Phase phase{&down, &across, {}, {}, 0};
  if (!phases_.empty()) phase.weights = phases_.back().weights + static_cast<Index>(phases_.back().taps.size()) * sourceChannels_ * kPlaneChannels;
  std::vector<Index> places;
  for (const TapRun& y : down.runs) {
    for (Index j = 0; j < y.count; ++j) {
      for (const TapRun& x : across.runs) {
        for (Index k = 0; k < x.count; ++k) {
          const Index slot = (y.slot + j) * c_.x.kernel + x.slot + k;
          phase.taps.push_back(c_.transposed ? c_.taps() - 1 - slot : slot);
          places.push_back(planes_.place(y.offset + j, x.offset + k));
        }
      }
    }
  }
  Index row = 0;
  for (Index s = 0; s < sourceChannels_; ++s) {
    for (size_t i = 0; i < places.size(); ++i, ++row) {
      const Index place = s * planes_.plane() + places[i];
      ConvSpan* const last = i == 0 ? nullptr : &phase.spans.back();
      if (last && last->source + last->length == place) ++last->length;
      else phase.spans.push_back({place, row, 1});
    }
  }
  sumPlane_ = std::max(sumPlane_, roundUp(phase.count(planes_.row()), 16));
  phases_.push_back(std::move(phase));
}

Index PlaneCorrelation::scratchSize() const {
  const Index pixels = planarTarget() ? 0 : roundUp(c_.target.height * c_.target.width * c_.target.channels, 16);
  const Index computing = groups_ * targetChannels_ * sumPlane_ + 2 * std::max(pixels, roundUp(c_.target.sample(), 16));
  return roundUp(planes_.size(), 16) + std::max(planes_.temporarySize(c_.source), computing);
}

void PlaneCorrelation::operator()(const ConvRun& run, Pictures<const float> source, LaneValues<const float> weights,
                                  const ConvEpilogue& epilogue, Pictures<float> target, LaneValues<unsigned char> chosen) const {
  const Index lanes = run.lanes, panelCount = groups_ * panels(), packedLane = panelCount * panelFloats();
  float* const packed = run.scratch.shared(static_cast<size_t>(lanes * packedLane));
  const double work = static_cast<double>(lanes * c_.batch * c_.target.height) * static_cast<double>(c_.target.width * packedLane);
  const bool parallel = run.pool.threads() > 1 && work >= kParallelWork;
  run.scratch.forEachTask(run.pool, parallel, static_cast<size_t>(lanes * panelCount), 0, [&](size_t task, float*) {
    const Index index = static_cast<Index>(task) % panelCount;
    const int lane = static_cast<int>(static_cast<Index>(task) / panelCount);
    if (run.has(lane)) pack(weights.of(lane), index / panels(), index % panels(), packed + static_cast<Index>(task) * panelFloats());
  });
  run.scratch.forEachTask(run.pool, parallel, static_cast<size_t>(lanes * c_.batch), static_cast<size_t>(scratchSize()),
                          [&](size_t task, float* memory) {
    const int lane = static_cast<int>(static_cast<Index>(task) / c_.batch);
    const Index sample = static_cast<Index>(task) % c_.batch;
    if (!run.has(lane)) return;
    const PictureForm& pooled = c_.source.pool ? c_.source : c_.target;
    unsigned char* const marks = chosen.data ? chosen.of(lane) + sample * pooled.sample() : nullptr;
    const float* bias = epilogue.bias.data ? epilogue.bias.of(lane) : nullptr;
    float* const to = target.of(lane) + sample * c_.target.sample();
    float* const sums = memory + roundUp(planes_.size(), 16);
    float* const pixels = sums + groups_ * targetChannels_ * sumPlane_;
    float* const temporary = pixels + roundUp(c_.target.height * c_.target.width * c_.target.channels, 16);
    const bool direct = planarTarget() || (!c_.target.pool && !epilogue.accumulate);
    planes_.load(c_.source, source.of(lane) + sample * c_.source.sample(), marks, memory, sums);
    for (const Phase& phase : phases_) {
      computePhase(phase, memory, packed + lane * packedLane, bias, epilogue, sums);
      storeRows(phase, sums, direct ? to : pixels, epilogue.accumulate);
    }
    if (direct) return;
    const PictureBand band{pixels, c_.target.channels, 0, c_.target.height, 0, c_.target.channels};
    if (c_.target.pool) poolBand(c_.target, band, 0, c_.target.memoryHeight(), to, marks, temporary);
    else storeBand(c_.target, band, to, true, temporary);
  });
}

/** Weights of a panel by phase, source channel and tap: rows of kPlaneChannels target channels. */
void PlaneCorrelation::pack(const float* weights, Index group, Index panel, float* to) const {
  const Index first = panel * kPlaneChannels, channels = std::min(kPlaneChannels, targetChannels_ - first), taps = c_.taps();
  for (const Phase& phase : phases_) {
    for (Index s = 0; s < sourceChannels_; ++s) {
      for (const Index tap : phase.taps) {
        for (Index c = 0; c < kPlaneChannels; ++c) {
          const Index target = group * targetChannels_ + first + c, outer = group * sourceChannels_ + s;
          const Index filter = c_.transposed ? outer * targetChannels_ + first + c : target * sourceChannels_ + s;
          *to++ = c < channels ? weights[filter * taps + tap] : 0.0F;
        }
      }
    }
  }
}

void PlaneCorrelation::computePhase(const Phase& phase, const float* planes, const float* packed, const float* bias,
                                    const ConvEpilogue& epilogue, float* sums) const {
  PlaneLine line{};
  line.count = phase.count(planes_.row());
  line.spans = phase.spans.data();
  line.spanCount = static_cast<Index>(phase.spans.size());
  line.targetChannel = sumPlane_;
  line.relu = epilogue.activation == Activation::Relu;
  for (Index group = 0; group < groups_; ++group) {
    line.source = planes + group * sourceChannels_ * planes_.plane();
    for (Index panel = 0; panel < panels(); ++panel) {
      const Index first = panel * kPlaneChannels, channel = group * targetChannels_ + first;
      line.channels = std::min(kPlaneChannels, targetChannels_ - first);
      line.weights = packed + (group * panels() + panel) * panelFloats() + phase.weights;
      line.target = sums + channel * sumPlane_;
      line.bias = bias ? bias + channel : nullptr;
      kernelTable().conv.planeLine(line);
      if (epilogue.activation == Activation::None || line.relu) continue;
      for (Index c = 0; c < line.channels; ++c) {
        float* const values = line.target + c * sumPlane_;
        kernelTable().activationForward(static_cast<int>(epilogue.activation), values, values, line.count, epilogue.alpha);
      }
    }
  }
}

/** Stores (planar: or adds) the targets of a phase, leaving out what lies between the rows. */
void PlaneCorrelation::storeRows(const Phase& phase, const float* sums, float* sample, bool accumulate) const {
  const AxisPhase &down = *phase.down, &across = *phase.across;
  const Index channels = c_.target.channels, height = c_.target.height, width = c_.target.width;
  for (Index i = 0; i < down.count; ++i) {
    const Index y = down.first + i * down.step;
    const float* from = sums + i * planes_.row();
    if (!planarTarget()) {
      kernelTable().conv.transpose({from, sumPlane_, channels, across.count, sample + (y * width + across.first) * channels, nullptr,
                                    across.step * channels, false});
      continue;
    }
    for (Index c = 0; c < channels; ++c, from += sumPlane_) {
      float* const to = sample + (c * height + y) * width + across.first;
      if (across.step == 1 && accumulate) kernelTable().addScaled(to, from, across.count, 1.0F);
      else if (across.step == 1) std::copy(from, from + across.count, to);
      else if (accumulate) for (Index j = 0; j < across.count; ++j) to[j * across.step] += from[j];
      else for (Index j = 0; j < across.count; ++j) to[j * across.step] = from[j];
    }
  }
}

std::unique_ptr<PlaneCorrelation> PlaneCorrelation::where(const Correlation& c) {
  const double width = kernelTable().conv.width;
  const double groups = static_cast<double>(c.depthwise ? c.sourceChannels : c.groups);
  const double sources = static_cast<double>(c.depthwise ? 1 : c.sourceChannels), targets = static_cast<double>(c.depthwise ? 1 : c.targetChannels);
  if (targets >= width) return nullptr;
  auto planes = std::make_unique<PlaneCorrelation>(c);
  // Cycles, roughly. A vector of the picture is read from two cache lines, and multiplied with every channel of a panel.
  double byPlanes = 0, products = 0;
  for (const Phase& phase : planes->phases_) {
    const double taps = static_cast<double>(phase.taps.size());
    const double vectors = std::max(2.0, static_cast<double>(phase.count(planes->planes_.row())) / width);
    const double panels = std::floor(targets / kPlaneChannels), rest = targets - panels * kPlaneChannels;
    byPlanes += groups * sources * taps * vectors * (panels * 2.4 + (rest > 0 ? 1.2 + 0.3 * rest : 0));
    products += taps * static_cast<double>(phase.down->count * phase.across->count);
  }
  byPlanes += Planes::turningCost(c.source) + Planes::turningCost(c.target);
  const double vectors = c.depthwise ? std::ceil(static_cast<double>(c.targetChannels) / width) : groups;
  const double byChannels = products * sources * vectors * (c.depthwise ? 1.0 : 0.6);
  return byPlanes < byChannels ? std::move(planes) : nullptr;
}

}  // namespace deltalab
