#include "conv_narrow.h"

#include <algorithm>
#include <cstring>

namespace deltalab {

namespace {

constexpr double kParallelWork = 1 << 17;
constexpr Index kMostSpans = 512;

Index roundUp(Index value, Index step) { return (value + step - 1) / step * step; }

class NarrowCorrelator {
 public:
  NarrowCorrelator(const ConvRun& run, const Correlation& correlation, const ConvEpilogue& epilogue)
      : run_(run), c_(correlation), epilogue_(epilogue), kernels_(kernelTable().conv) {
    packedGroup_ = c_.taps() * c_.sourceChannels * kNarrowChannels;
    row_ = c_.x.before + c_.source.width + c_.x.after;
    plane_ = row_ * c_.source.height;
    direct_ = !c_.target.channelsLast && !c_.target.pool;
  }

  void operator()(Pictures<const float> source, LaneValues<const float> weights, Pictures<float> target, LaneValues<unsigned char> chosen) {
    const Index lanes = run_.lanes, packedLane = c_.groups * packedGroup_;
    float* const packed = run_.scratch.shared(static_cast<size_t>(lanes * packedLane));
    const double points = static_cast<double>(c_.batch * c_.target.height * c_.target.width);
    const double work = points * static_cast<double>(packedGroup_ * c_.groups * lanes);
    const bool parallel = run_.pool.threads() > 1 && work >= kParallelWork;
    for (int lane = 0; lane < run_.lanes; ++lane) {
      for (Index group = 0; run_.has(lane) && group < c_.groups; ++group) {
        pack(weights.of(lane), group, packed + lane * packedLane + group * packedGroup_);
      }
    }
    run_.scratch.forEachTask(run_.pool, parallel, static_cast<size_t>(lanes * c_.batch), static_cast<size_t>(scratchSize()),
                             [&](size_t task, float* memory) {
      const int lane = static_cast<int>(static_cast<Index>(task) / c_.batch);
      const Index sample = static_cast<Index>(task) % c_.batch;
      if (!run_.has(lane)) return;
      const PictureForm& pooled = c_.source.pool ? c_.source : c_.target;
      unsigned char* const marks = chosen.data ? chosen.of(lane) + sample * pooled.sample() : nullptr;
      const float* from = source.of(lane) + sample * c_.source.sample();
      float* const to = target.of(lane) + sample * c_.target.sample();
      for (Index group = 0; group < c_.groups; ++group) {
        load(from, marks, group, memory);
        const float* bias = epilogue_.bias.data ? epilogue_.bias.of(lane) + group * c_.targetChannels : nullptr;
        compute(memory, packed + lane * packedLane + group * packedGroup_, bias, group, to, marks, memory + sourceSize());
      }
    });
  }

 private:
  /** Weights by source channel and slot, one row of kNarrowChannels target channels each. */
  void pack(const float* weights, Index group, float* to) const {
    const Index taps = c_.taps();
    std::memset(to, 0, static_cast<size_t>(packedGroup_) * sizeof(float));
    for (Index t = 0; t < c_.targetChannels; ++t) {
      for (Index s = 0; s < c_.sourceChannels; ++s) {
        const Index filter = c_.transposed ? (group * c_.sourceChannels + s) * c_.targetChannels + t
                                           : (group * c_.targetChannels + t) * c_.sourceChannels + s;
        for (Index tap = 0; tap < taps; ++tap) {
          const Index slot = c_.transposed ? taps - 1 - tap : tap;
          to[(s * taps + slot) * kNarrowChannels + t] = weights[filter * taps + tap];
        }
      }
    }
  }

  /** Planar rows with columns of zeros on both sides; vectors at their ends reach into the next row, and at last into some room behind. */
  Index sourceSize() const { return roundUp(c_.sourceChannels * plane_ + 4 * kernels_.width, 16); }
  Index channelsLastSize() const { return roundUp(c_.source.height * c_.source.width * c_.sourceChannels, 16); }
  Index targetSize() const { return roundUp(c_.targetChannels * c_.target.height * c_.target.width, 16); }
  Index pooledSize() const {
    return c_.target.pool ? roundUp(c_.targetChannels * c_.target.memoryHeight() * c_.target.memoryWidth(), 16) : 0;
  }
  Index scratchSize() const {
    const Index loading = channelsLastSize() + temporarySize(c_.source, c_.sourceChannels);
    return sourceSize() + std::max(loading, 2 * targetSize() + std::max(targetSize(), pooledSize()));
  }

  void load(const float* sample, const unsigned char* chosen, Index group, float* memory) const {
    std::memset(memory, 0, static_cast<size_t>(sourceSize()) * sizeof(float));
    const Index width = c_.source.width, height = c_.source.height, channels = c_.sourceChannels;
    const float* from = sample + group * channels * height * width;
    const bool planar = !c_.source.channelsLast && !c_.source.pool;
    float* const pixels = memory + sourceSize();
    if (!planar) {
      const ScratchPicture picture{group * channels, channels, channels, 0, 0};
      loadPicture(c_.source, sample, chosen, picture, pixels, pixels + channelsLastSize());
    }
    for (Index y = 0; y < height; ++y) {
      float* const to = memory + y * row_ + c_.x.before;
      for (Index c = 0; planar && c < channels; ++c) {
        std::copy(from + (c * height + y) * width, from + (c * height + y + 1) * width, to + c * plane_);
      }
      if (!planar) kernels_.transpose({pixels + y * width * channels, channels, width, channels, to, nullptr, plane_, false});
    }
  }

  void compute(const float* source, const float* weights, const float* bias, Index group, float* sample, unsigned char* chosen,
               float* memory) const {
    const Index points = c_.target.height * c_.target.width, channels = c_.targetChannels;
    float* const planar = direct_ ? sample + group * channels * points : memory;
    const Index runs = static_cast<Index>(c_.x.phases[0].runs.size());
    // Source channels whose taps fit one list.
    const Index together = std::max<Index>(1, kMostSpans / (c_.y.kernel * runs));
    for (Index first = 0; first < c_.sourceChannels; first += together) {
      const Index end = std::min(c_.sourceChannels, first + together);
      ConvRow row{};
      row.count = c_.target.width;
      row.channels = channels;
      row.weights = weights;
      row.targetChannel = points;
      row.bias = end == c_.sourceChannels ? bias : nullptr;
      row.relu = end == c_.sourceChannels && epilogue_.activation == Activation::Relu;
      row.accumulate = first > 0 || (direct_ && epilogue_.accumulate);
      row.source = source;
      for (const AxisPhase& phase : c_.y.phases) {
        for (Index i = 0; i < phase.count; ++i) {
          ConvSpan spans[kMostSpans];
          row.spans = spans;
          row.spanCount = listSpans(phase, i, first, end, spans);
          row.target = planar + (phase.first + i * phase.step) * c_.target.width;
          kernels_.row(row);
        }
      }
    }
    if (epilogue_.activation != Activation::None && epilogue_.activation != Activation::Relu) {
      kernelTable().activationForward(static_cast<int>(epilogue_.activation), planar, planar, channels * points, epilogue_.alpha);
    }
    if (direct_) return;
    float* const pixels = memory + targetSize();
    kernels_.transpose({planar, points, channels, points, pixels, nullptr, channels, false});
    const PictureBand band{pixels, channels, 0, c_.target.height, group * channels, channels};
    if (c_.target.pool) poolBand(c_.target, band, 0, c_.target.memoryHeight(), sample, chosen, pixels + targetSize());
    else storeBand(c_.target, band, sample, epilogue_.accumulate, pixels + targetSize());
  }

  Index listSpans(const AxisPhase& phase, Index i, Index firstChannel, Index endChannel, ConvSpan* spans) const {
    Index count = 0;
    for (Index s = firstChannel; s < endChannel; ++s) {
      for (const TapRun& y : phase.runs) {
        for (Index j = 0; j < y.count; ++j) {
          const Index at = i * phase.sourceStep + y.offset + j;
          if (at < 0 || at >= c_.y.source) continue;
          for (const TapRun& x : c_.x.phases[0].runs) {
            spans[count++] = {s * plane_ + at * row_ + x.offset + c_.x.before, s * c_.taps() + (y.slot + j) * c_.x.kernel + x.slot, x.count};
          }
        }
      }
    }
    return count;
  }

  const ConvRun& run_;
  const Correlation& c_;
  const ConvEpilogue& epilogue_;
  const ConvKernels& kernels_;
  Index packedGroup_, row_, plane_;
  bool direct_;
};

}  // namespace

bool narrowPays(const Correlation& c) {
  const AxisPhase& across = c.x.phases[0];
  if (c.depthwise || c.targetChannels > kNarrowChannels || c.x.phases.size() != 1 || across.sourceStep != 1 || across.step != 1) return false;
  // Vector operations of a row, roughly. By rows: each list of neighbouring taps has a start, and pictures must be turned planar and back.
  const Index width = kernelTable().conv.width, points = c.target.width, channels = c.targetChannels;
  const Index lists = c.sourceChannels * c.y.kernel, vectors = roundUp(points, width) / width;
  const double turning = static_cast<double>(points) * (0.7 * static_cast<double>(c.sourceChannels) + 3.0 * static_cast<double>(channels));
  const double byRows = static_cast<double>(lists * (16 + c.x.kernel * std::max<Index>(4, channels * vectors))) + turning;
  const double byChannels = static_cast<double>(points * lists * c.x.kernel * (roundUp(channels, width) / width));
  return 1.5 * byRows < byChannels;
}

void correlateNarrow(const ConvRun& run, const Correlation& correlation, Pictures<const float> source, LaneValues<const float> weights,
                     const ConvEpilogue& epilogue, Pictures<float> target, LaneValues<unsigned char> chosen) {
  NarrowCorrelator(run, correlation, epilogue)(source, weights, target, chosen);
}

}  // namespace deltalab
