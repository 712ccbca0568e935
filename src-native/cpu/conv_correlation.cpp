#include "conv_correlation.h"

#include <algorithm>

#include "conv_filters.h"

namespace deltalab {

namespace {

/** Floats of the pictures that one task keeps near. */
constexpr Index kNearFloats = 64 * 1024;
/** Floats of a band of results: the first-level cache holds it beside a line of the source. */
constexpr Index kBandFloats = 6 * 1024;
/** Multiply-adds below which a second thread costs more than it brings. */
constexpr double kParallelWork = 1 << 17;
/** Products that keep a processor busy while each waits for its predecessor. */
constexpr Index kBusyVectors = 8;
/** Taps of one line; more are computed in several lines that add up. */
constexpr Index kMostSpans = 512;

Index roundUp(Index value, Index step) { return (value + step - 1) / step * step; }

class Correlator {
 public:
  Correlator(const ConvRun& run, const Correlation& correlation)
      : run_(run), c_(correlation), kernels_(kernelTable().conv), filters_(correlation), width_(kernels_.width) {
    chooseWay();
  }

  void operator()(Pictures<const float> source, LaneValues<const float> weights, const ConvEpilogue& epilogue, Pictures<float> target,
                  LaneValues<unsigned char> chosen) {
    epilogue_ = epilogue;
    const size_t lanes = static_cast<size_t>(run_.lanes);
    packed_ = run_.scratch.shared(lanes * static_cast<size_t>(filters_.laneFloats()));
    const Index panels = filters_.count();
    const bool parallel = run_.pool.threads() > 1 && work() >= kParallelWork;
    run_.scratch.forEachTask(run_.pool, parallel, lanes * static_cast<size_t>(c_.groups * panels), 0, [&](size_t task, float*) {
      const Index index = static_cast<Index>(task);
      const int lane = static_cast<int>(index / (c_.groups * panels));
      if (!run_.has(lane)) return;
      const float* bias = epilogue_.bias.data ? epilogue_.bias.of(lane) : nullptr;
      filters_.pack(weights.of(lane), bias, index / panels % c_.groups, filters_.panel(index % panels), packedOf(lane));
    });

    const Index parts = (c_.batch + samples_ - 1) / samples_;
    // Few samples are shared out by panels, too.
    const Index shares = std::max<Index>(1, std::min<Index>(panels, run_.pool.threads() / (parts * run_.lanes)));
    run_.scratch.forEachTask(run_.pool, parallel, lanes * static_cast<size_t>(parts * shares), static_cast<size_t>(scratchSize()),
                             [&](size_t task, float* memory) {
      const Index share = static_cast<Index>(task) % shares;
      const int lane = static_cast<int>(static_cast<Index>(task) / shares / parts);
      if (!run_.has(lane)) return;
      Part part;
      part.lane = lane;
      part.firstPanel = panels * share / shares;
      part.endPanel = panels * (share + 1) / shares;
      const Index index = static_cast<Index>(task) / shares % parts;
      // Parts of nearly equal size.
      const Index first = c_.batch * index / parts;
      part.samples = c_.batch * (index + 1) / parts - first;
      part.source = source.of(lane) + first * c_.source.sample();
      part.target = target.of(lane) + first * c_.target.sample();
      const PictureForm& pooled = c_.source.pool ? c_.source : c_.target;
      part.chosen = chosen.data ? chosen.of(lane) + first * pooled.sample() : nullptr;
      compute(part, memory);
    });
    const bool late = !buffered_ && epilogue_.activation != Activation::None && epilogue_.activation != Activation::Relu;
    if (!late) return;
    run_.scratch.forEachTask(run_.pool, parallel, lanes * static_cast<size_t>(c_.batch), 0, [&](size_t task, float*) {
      const int lane = static_cast<int>(static_cast<Index>(task) / c_.batch);
      if (run_.has(lane)) activate(target.of(lane) + static_cast<Index>(task) % c_.batch * c_.target.sample(), c_.target.sample());
    });
  }

 private:
  struct Part {
    int lane;
    Index samples;
    Index firstPanel, endPanel;
    const float* source;
    float* target;
    unsigned char* chosen;
  };

  double work() const {
    double points = 0;
    for (const AxisPhase& down : c_.y.phases) {
      for (const AxisPhase& across : c_.x.phases) {
        points += static_cast<double>(down.count * across.count) * static_cast<double>(tapsOf(down) * tapsOf(across));
      }
    }
    const double filters = c_.depthwise ? 1 : static_cast<double>(c_.sourceChannels * c_.groups);
    return points * static_cast<double>(c_.batch * c_.targetChannels * run_.lanes) * filters;
  }

  static Index tapsOf(const AxisPhase& phase) {
    Index taps = 0;
    for (const TapRun& run : phase.runs) taps += run.count;
    return taps;
  }

  /** Taps of all targets of an axis that lie inside the source; `inside` false: all that are computed along a line. */
  static double tapsInside(const AxisPlan& plan, bool inside) {
    double count = 0;
    for (const AxisPhase& phase : plan.phases) {
      for (Index i = 0; i < phase.count; ++i) {
        for (const TapRun& run : phase.runs) {
          const Index first = i * phase.sourceStep + run.offset;
          const Index low = std::max<Index>(first, 0), high = std::min(first + run.count, plan.source);
          count += static_cast<double>(inside ? std::max<Index>(0, high - low) : run.count);
        }
      }
    }
    return count;
  }

  /** Lines or samples, and how many samples a task takes. */
  void chooseWay() {
    const Index vectors = std::min<Index>(kernels_.columns / width_, filters_.paddedTargets() / width_);
    Index longest = 1;
    for (const AxisPhase& phase : c_.x.phases) longest = std::max(longest, phase.count);
    const auto waste = [&](Index positions) {
      return std::max(1.0, static_cast<double>(kBusyVectors) / static_cast<double>(positions * vectors));
    };
    const Index pixels = c_.source.height * c_.source.width * c_.sourceChannels;
    const Index fits = std::max<Index>(1, kNearFloats / std::max<Index>(1, pixels));
    const Index together = std::min({c_.batch, fits, Index{32} / vectors});
    const double alongLines = tapsInside(c_.x, false) * waste(longest);
    // Each tile has a start and an end of its own, about as long as a few rows of weights.
    const double acrossSamples = tapsInside(c_.x, true) * waste(together) * 1.06;
    across_ = !c_.depthwise && together > 1 && acrossSamples < alongLines;
    direct_ = c_.source.channelsLast && !c_.source.pool && c_.groups == 1 && !across_ && c_.x.before + c_.x.after == 0;
    const Index padded = c_.source.height * (across_ ? c_.source.width : c_.x.before + c_.source.width + c_.x.after) * c_.sourceChannels;
    // Several samples use the weights while they are near. Enough parts for all threads; no bit depends on the number of parts.
    const Index threads = run_.pool.threads();
    const Index most = std::max<Index>(1, c_.batch * run_.lanes / (2 * threads));
    samples_ = std::min({c_.batch, most, across_ ? together : std::max<Index>(1, kNearFloats / std::max<Index>(1, padded))});
    samples_ = std::max<Index>(1, samples_);
    picture_ = {0, c_.sourceChannels, c_.sourceChannels, across_ ? 0 : c_.x.before, across_ ? 0 : c_.x.after};
    buffered_ = c_.target.pool || !c_.target.channelsLast;
  }

  float* packedOf(int lane) const { return packed_ + lane * filters_.laneFloats(); }

  Index bandSize() const {
    if (!buffered_) return 0;
    const Index columns = c_.depthwise ? filters_.paddedTargets() : std::min<Index>(kernels_.columns, filters_.paddedTargets());
    const Index rows = bandRows(columns);
    const Index band = rows * c_.target.width * columns;
    // The same room holds what comes out of a pool, which padding can make larger.
    const Index pooled = c_.target.pool ? poolRows(rows) * c_.target.memoryWidth() * columns : 0;
    return roundUp(std::max((across_ ? samples_ : 1) * band, pooled), 16);
  }

  /** Rows of the target (before its pool) that are computed before they are stored. */
  Index bandRows(Index columns) const {
    const Index fitting = std::max<Index>(1, kBandFloats / (c_.target.width * columns));
    if (!c_.target.pool) return std::min(c_.target.height, fitting);
    const WindowAxis& down = c_.target.pool->down;
    return std::min<Index>(c_.target.height, (poolRows(fitting) - 1) * down.stride + (down.kernel - 1) * down.dilation + 1);
  }

  /** Rows after the pool for a band of about `fitting` rows before it; overlapping windows go all at once. */
  Index poolRows(Index fitting) const {
    const WindowAxis& down = c_.target.pool->down;
    if ((down.kernel - 1) * down.dilation + 1 > down.stride) return down.output;
    return std::max<Index>(1, std::min<Index>(down.output, fitting / down.stride));
  }

  /**
   * Floats between samples in scratch memory: an odd number of cache lines. The samples of a tile, read side by side, would fall into one
   * set of the cache if they were a power of two apart.
   */
  Index scratchSample() const { return roundUp(picture_.size(c_.source), 32) + 16; }
  Index sourceSize() const { return direct_ ? 0 : samples_ * scratchSample(); }
  Index scratchSize() const {
    return sourceSize() + roundUp(temporarySize(c_.source, c_.sourceChannels), 16) + 2 * bandSize();
  }

  void compute(const Part& part, float* memory) const {
    Index sourceSample = scratchSample();
    float* const temporary = memory + sourceSize();
    float* const band = temporary + roundUp(temporarySize(c_.source, c_.sourceChannels), 16);
    const float* source = memory;
    for (Index group = 0; group < c_.groups; ++group) {
      if (direct_) {
        source = part.source;
        sourceSample = c_.source.sample();
      } else {
        ScratchPicture picture = picture_;
        picture.firstChannel = group * c_.sourceChannels;
        for (Index i = 0; i < part.samples; ++i) {
          const unsigned char* chosen = part.chosen ? part.chosen + i * c_.source.sample() : nullptr;
          loadPicture(c_.source, part.source + i * c_.source.sample(), chosen, picture, memory + i * sourceSample, temporary);
        }
      }
      for (Index i = part.firstPanel; i < part.endPanel; ++i) computePanel(part, group, filters_.panel(i), source, sourceSample, band);
    }
  }

  void activate(float* values, Index count) const {
    kernelTable().activationForward(static_cast<int>(epilogue_.activation), values, values, count, epilogue_.alpha);
  }

  void computePanel(const Part& part, Index group, const FilterPanel& panel, const float* source, Index sourceSample, float* band) const {
    ConvLine line{};
    line.weights = filters_.weights(packedOf(part.lane), group, panel);
    line.bias = epilogue_.bias.data ? filters_.bias(packedOf(part.lane), group, panel) : nullptr;
    line.relu = epilogue_.activation == Activation::Relu;
    const Index firstChannel = group * c_.targetChannels + panel.first;
    if (!buffered_) {
      line.channels = panel.channels;
      line.accumulate = epilogue_.accumulate;
      computeRows(part.samples, line, source, sourceSample, 0, c_.target.height, part.target + firstChannel, c_.target.channels,
                  c_.target.sample());
      return;
    }
    // A buffer has room for whole vectors; padded weights make zeros of the lanes beyond the channels.
    line.channels = c_.depthwise ? panel.channels : panel.vectors * width_;
    const Index pixel = panel.vectors * width_;
    const bool pooled = c_.target.pool != nullptr;
    const Index fitting = std::max<Index>(1, kBandFloats / (c_.target.width * pixel));
    const Index rows = pooled ? c_.target.memoryHeight() : c_.target.height;
    const Index step = pooled ? poolRows(fitting) : std::min(rows, fitting);
    const Index together = across_ ? part.samples : 1;
    for (Index first = 0; first < part.samples; first += together) {
      for (Index row = 0; row < rows; row += step) {
        const Index end = std::min(rows, row + step);
        PictureBand piece{band, pixel, row, end - row, firstChannel, panel.channels};
        if (pooled) neededRows(row, end, piece);
        const Index sampleFloats = piece.rows * c_.target.width * pixel;
        computeRows(together, line, source + first * sourceSample, sourceSample, piece.firstRow, piece.rows, band, pixel, sampleFloats);
        if (epilogue_.activation != Activation::None && !line.relu) activate(band, together * sampleFloats);
        float* const temporary = band + bandSize();
        for (Index i = 0; i < together; ++i) {
          piece.data = band + i * sampleFloats;
          float* const sample = part.target + (first + i) * c_.target.sample();
          unsigned char* const chosen = part.chosen ? part.chosen + (first + i) * c_.target.sample() : nullptr;
          if (pooled) poolBand(c_.target, piece, row, end, sample, chosen, temporary);
          else storeBand(c_.target, piece, sample, epilogue_.accumulate, temporary);
        }
      }
    }
  }

  /** The rows before the pool that rows first..end after it are made from. */
  void neededRows(Index first, Index end, PictureBand& piece) const {
    const WindowAxis& down = c_.target.pool->down;
    const Index low = first * down.stride - down.padBefore;
    const Index high = (end - 1) * down.stride - down.padBefore + (down.kernel - 1) * down.dilation + 1;
    piece.firstRow = std::max<Index>(0, low);
    piece.rows = std::min<Index>(down.input, high) - piece.firstRow;
  }

  /** Rows firstRow.. of the target of `samples` samples; `target` is the place of the first. */
  void computeRows(Index samples, ConvLine& line, const float* source, Index sourceSample, Index firstRow, Index rows, float* target,
                   Index pixel, Index targetSample) const {
    for (const AxisPhase& down : c_.y.phases) {
      const Index begin = std::max<Index>(0, (firstRow - down.first + down.step - 1) / down.step);
      const Index end = std::min(down.count, (firstRow + rows - down.first + down.step - 1) / down.step);
      float* const to = target + (down.first - firstRow) * c_.target.width * pixel;
      for (const AxisPhase& across : c_.x.phases) {
        if (across_) {
          for (Index i = begin; i < end; ++i) {
            computeAcross(samples, line, source, sourceSample, down, i, across, to + i * down.step * c_.target.width * pixel, pixel,
                          targetSample);
          }
        } else {
          computeLines(samples, line, source, sourceSample, down, begin, end, across, to, pixel, targetSample);
        }
      }
    }
  }

  /** Taps from the first to the last inside the picture; those of one line of targets. */
  struct Inside {
    Index low, high;
    bool operator!=(const Inside& other) const { return low != other.low || high != other.high; }
  };
  /** The taps of target i whose source lies inside the picture, by their number along the runs of the phase. */
  static Inside insideOf(const AxisPhase& phase, Index i, Index source) {
    Inside inside{0, 0};
    Index number = 0;
    bool any = false;
    for (const TapRun& run : phase.runs) {
      const Index first = i * phase.sourceStep + run.offset;
      const Index low = std::max<Index>(0, -first), high = std::min(run.count, source - first);
      if (low < high) {
        if (!any) inside.low = number + low;
        inside.high = number + high;
        any = true;
      }
      number += run.count;
    }
    return inside;
  }

  void computeLines(Index samples, ConvLine& line, const float* source, Index sourceSample, const AxisPhase& down, Index begin, Index end,
                    const AxisPhase& across, float* to, Index pixel, Index targetSample) const {
    const Index row = (c_.x.before + c_.x.source + c_.x.after) * c_.sourceChannels;
    line.count = across.count;
    line.sourceStep = across.sourceStep * c_.sourceChannels;
    line.targetStep = across.step * pixel;
    Spans spans(*this, line);
    Inside known{-1, -1};
    for (Index i = begin; i < end; ++i) {
      const Inside inside = insideOf(down, i, c_.y.source);
      if (inside != known) {
        // Sources count from the first row that the first tap would read.
        spans.clear();
        Index number = 0;
        for (const TapRun& y : down.runs) {
          for (Index j = 0; j < y.count; ++j, ++number) {
            if (number < inside.low || number >= inside.high) continue;
            for (const TapRun& x : across.runs) {
              spans.add((y.offset + j) * row + (x.offset + c_.x.before) * c_.sourceChannels, (y.slot + j) * c_.x.kernel + x.slot, x.count);
            }
          }
        }
        known = inside;
      }
      for (Index sample = 0; sample < samples; ++sample) {
        line.source = source + sample * sourceSample + i * down.sourceStep * row;
        line.target = to + sample * targetSample + i * down.step * c_.target.width * pixel + across.first * pixel;
        spans.run();
      }
    }
  }

  void computeAcross(Index samples, ConvLine& line, const float* source, Index sourceSample, const AxisPhase& down, Index i,
                     const AxisPhase& across, float* to, Index pixel, Index targetSample) const {
    line.count = samples;
    line.sourceStep = sourceSample;
    line.targetStep = targetSample;
    line.source = source;
    for (Index column = 0; column < across.count; ++column) {
      Spans spans(*this, line);
      for (const TapRun& y : down.runs) {
        for (Index j = 0; j < y.count; ++j) {
          const Index row = i * down.sourceStep + y.offset + j;
          if (row < 0 || row >= c_.y.source) continue;
          for (const TapRun& x : across.runs) {
            const Index first = column * across.sourceStep + x.offset;
            const Index low = std::max<Index>(first, 0), high = std::min(first + x.count, c_.x.source);
            if (low < high) {
              spans.add((row * c_.x.source + low) * c_.sourceChannels, (y.slot + j) * c_.x.kernel + x.slot + low - first, high - low);
            }
          }
        }
      }
      line.target = to + (across.first + column * across.step) * pixel;
      spans.run();
    }
  }

  /** The taps of a line. */
  class Spans {
   public:
    Spans(const Correlator& owner, ConvLine& line) : owner_(owner), line_(line) {}

    void clear() { count_ = 0; }
    void add(Index source, Index slot, Index taps) {
      const Index channels = owner_.c_.depthwise ? 1 : owner_.c_.sourceChannels;
      spans_[count_++] = {source, slot * channels, taps * channels};
    }

    void run() {
      line_.spans = spans_;
      line_.spanCount = count_;
      if (!owner_.c_.depthwise) return owner_.kernels_.line(line_);
      Index offsets[kMostSpans], rows[kMostSpans];
      for (Index i = 0; i < count_; ++i) {
        offsets[i] = spans_[i].source;
        rows[i] = spans_[i].weights;
      }
      owner_.kernels_.depthwise({line_.count, line_.channels, line_.source, line_.sourceStep, offsets, rows, count_, line_.weights,
                                 owner_.filters_.paddedTargets(), line_.target, line_.targetStep, line_.bias, line_.accumulate, line_.relu});
    }

   private:
    const Correlator& owner_;
    ConvLine& line_;
    ConvSpan spans_[kMostSpans];
    Index count_ = 0;
  };

  const ConvRun& run_;
  const Correlation& c_;
  const ConvKernels& kernels_;
  FilterPanels filters_;
  Index width_;
  ConvEpilogue epilogue_;
  float* packed_ = nullptr;
  bool across_ = false, direct_ = false, buffered_ = false;
  Index samples_ = 1;
  ScratchPicture picture_{};
};

}  // namespace

void correlate(const ConvRun& run, const Correlation& correlation, Pictures<const float> source, LaneValues<const float> weights,
               const ConvEpilogue& epilogue, Pictures<float> target, LaneValues<unsigned char> chosen) {
  Correlator(run, correlation)(source, weights, epilogue, target, chosen);
}

}  // namespace deltalab
