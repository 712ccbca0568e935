#include "conv_weights.h"

#include <algorithm>

#include "conv_plane_weights.h"

namespace deltalab {

namespace {

/** Floats of the pictures that one task keeps near. */
constexpr Index kNearFloats = 64 * 1024;
/** Pixels that the sums of a tile stay in registers for, at least: they are read and written once in that time. */
constexpr Index kPixelsAtOnce = 128;
/** Pixels of a chunk, at least: adding chunks must cost little. */
constexpr Index kPixelsOfChunk = 512;
constexpr Index kMostChunks = 16;
/** Floats of all chunks together, unless one alone has more. */
constexpr Index kChunkFloats = Index{1} << 22;
constexpr double kParallelWork = 1 << 17;
constexpr Index kMostTaps = 512;
/** Elements of one task of the sum over chunks. */
constexpr Index kPiece = 16 * 1024;

Index roundUp(Index value, Index step) { return (value + step - 1) / step * step; }

/** sums[c] += the sum of a channel of one picture as it lies in memory. */
void addChannels(const PictureForm& form, const float* picture, float* sums) {
  const Index points = form.memoryHeight() * form.memoryWidth();
  if (form.channelsLast) kernelTable().conv.addRows(picture, points, form.channels, form.channels, sums);
  else kernelTable().conv.addPlanes(picture, points, form.channels, sums);
}

class Collector {
 public:
  Collector(const ConvRun& run, const WeightGradient& gradient, const PlaneWeights* planes, const ConvGradient& prepared, bool transposed)
      : run_(run),
        w_(gradient),
        planes_(planes),
        prepared_(prepared),
        preparedForm_(transposed ? gradient.inputs : gradient.outputs),
        kernels_(kernelTable().conv),
        width_(kernels_.width) {
    rows_ = w_.taps() * (w_.depthwise ? 1 : w_.inputChannels);
    paddedOutputs_ = roundUp(w_.outputChannels, width_);
    groupSums_ = rows_ * paddedOutputs_;
    weightSums_ = roundUp(planes_ ? weightCount() : w_.groups * groupSums_, 16);
    chunkSums_ = weightSums_ + (prepared_.bias.data ? roundUp(preparedForm_.channels, 16) : 0);
    const Index points = w_.outputs.height * w_.outputs.width;
    chunks_ = std::min({w_.batch, kMostChunks, std::max<Index>(1, w_.batch * points / kPixelsOfChunk),
                        std::max<Index>(1, kChunkFloats / chunkSums_)});
    input_ = {0, w_.inputChannels, w_.inputChannels, w_.x.before, w_.x.after};
    output_ = {0, w_.outputChannels, paddedOutputs_, 0, 0};
    direct_ = w_.inputs.channelsLast && !w_.inputs.pool && w_.groups == 1 && w_.x.before + w_.x.after == 0;
    directOutput_ = w_.outputs.channelsLast && !w_.outputs.pool && w_.groups == 1 && w_.outputChannels == paddedOutputs_;
    const Index near = std::max<Index>(1, kNearFloats / (input_.size(w_.inputs) + output_.size(w_.outputs)));
    const Index wanted = (kPixelsAtOnce + points - 1) / points;
    together_ = planes_ ? planes_->together() : std::min({(w_.batch + chunks_ - 1) / chunks_, std::max(wanted, std::min<Index>(near, 4))});
  }

  void operator()(Pictures<const float> inputs, Pictures<const float> outputs, LaneValues<unsigned char> chosen, LaneValues<float> weights,
                  bool accumulate) {
    const Index lanes = run_.lanes;
    // Lanes one after another where their sums are large.
    const Index atOnce = std::max<Index>(1, std::min(lanes, kChunkFloats / (chunks_ * chunkSums_)));
    float* const sums = run_.scratch.shared(static_cast<size_t>(atOnce * chunks_ * chunkSums_));
    const double filters = w_.depthwise ? 1 : static_cast<double>(w_.inputChannels);
    const double points = static_cast<double>(w_.batch * w_.outputs.height * w_.outputs.width);
    const double work = points * filters * static_cast<double>(w_.taps() * w_.outputChannels * w_.groups * atOnce);
    const bool parallel = run_.pool.threads() > 1 && work >= kParallelWork;
    for (Index first = 0; first < lanes; first += atOnce) {
      const Index count = std::min(atOnce, lanes - first);
      // Few chunks are shared out by panels, too; no bit depends on that.
      const Index wanted = 2 * run_.pool.threads() / std::max<Index>(1, chunks_ * count);
      const Index parts = w_.depthwise || planes_ ? 1 : std::max<Index>(1, std::min(panelCount(), wanted));
      // Whoever shares a chunk finds the gradient prepared.
      if (parts > 1) {
        run_.scratch.forEachTask(run_.pool, parallel, static_cast<size_t>(count * chunks_), 0, [&](size_t task, float*) {
          const Index index = static_cast<Index>(task), chunk = index % chunks_;
          const int lane = static_cast<int>(first + index / chunks_);
          if (!run_.has(lane)) return;
          float* const bias = sums + index * chunkSums_ + weightSums_;
          clearBias(bias);
          for (Index i = w_.batch * chunk / chunks_; i < w_.batch * (chunk + 1) / chunks_; ++i) prepare(lane, i, bias);
        });
      }
      run_.scratch.forEachTask(run_.pool, parallel, static_cast<size_t>(count * chunks_ * parts), static_cast<size_t>(scratchSize()),
                               [&](size_t task, float* memory) {
        const Index index = static_cast<Index>(task), chunk = index / parts % chunks_, part = index % parts;
        const int lane = static_cast<int>(first + index / parts / chunks_);
        if (!run_.has(lane)) return;
        float* const to = sums + ((lane - first) * chunks_ + chunk) * chunkSums_;
        const Panels panels{panelCount() * part / parts, panelCount() * (part + 1) / parts};
        const Part work{lane, chunk, panels, parts == 1, inputs.of(lane), outputs.of(lane), chosen.data ? chosen.of(lane) : nullptr};
        sumChunk(work, to, memory);
      });
      addChunks(first, count, sums, weights, accumulate, parallel);
    }
  }

 private:
  struct Panels {
    Index first, end;
  };
  /** What one task sums up. */
  struct Part {
    int lane;
    Index chunk;
    Panels panels;
    bool prepares;
    const float* inputs;
    const float* outputs;
    const unsigned char* chosen;
  };

  void clearBias(float* bias) const {
    if (prepared_.bias.data) std::fill(bias, bias + preparedForm_.channels, 0.0F);
  }

  /** Multiplies the gradient of a sample by f', and adds it up for the bias. */
  void prepare(int lane, Index sample, float* bias) const {
    const Index place = sample * preparedForm_.sample();
    float* const gradient = prepared_.gradient.of(lane) + place;
    if (prepared_.activation != Activation::None) {
      kernelTable().activationBackward(static_cast<int>(prepared_.activation), prepared_.values.of(lane) + place, gradient, gradient,
                                       preparedForm_.sample(), prepared_.alpha);
    }
    if (!prepared_.bias.data) return;
    addChannels(preparedForm_, gradient, bias);
  }

  Index panelCount() const { return w_.depthwise ? 1 : (w_.outputChannels + kernels_.columns - 1) / kernels_.columns; }
  Index panelFirst(Index panel) const { return panel * kernels_.columns; }
  Index panelChannels(Index panel) const {
    return w_.depthwise ? w_.outputChannels : std::min<Index>(kernels_.columns, w_.outputChannels - panelFirst(panel));
  }

  Index inputSample() const { return roundUp(input_.size(w_.inputs), 16); }
  Index outputSample() const { return directOutput_ ? w_.outputs.sample() : roundUp(output_.size(w_.outputs), 16); }
  Index temporary() const {
    return roundUp(std::max(temporarySize(w_.inputs, w_.inputChannels), temporarySize(w_.outputs, w_.outputChannels)), 16);
  }
  Index scratchSize() const {
    if (planes_) return planes_->scratchSize();
    return together_ * ((direct_ ? 0 : inputSample()) + (directOutput_ ? 0 : outputSample())) + temporary();
  }

  Index weightCount() const { return w_.groups * w_.outputChannels * rows_; }

  void sumPlanes(const Part& part, float* sums, float* memory) const {
    std::fill(sums, sums + weightCount(), 0.0F);
    clearBias(sums + weightSums_);
    const Index end = w_.batch * (part.chunk + 1) / chunks_;
    for (Index sample = w_.batch * part.chunk / chunks_; sample < end; sample += together_) {
      const Index count = std::min(together_, end - sample), place = sample * w_.outputs.sample();
      for (Index i = 0; i < count; ++i) prepare(part.lane, sample + i, sums + weightSums_);
      planes_->add(part.inputs + sample * w_.inputs.sample(), part.outputs + place, part.chosen ? part.chosen + place : nullptr, count, sums, memory);
    }
  }

  void sumChunk(const Part& part, float* sums, float* memory) const {
    if (planes_) return sumPlanes(part, sums, memory);
    float* const input = memory + (directOutput_ ? 0 : together_ * outputSample());
    float* const temporary = input + (direct_ ? 0 : together_ * inputSample());
    const Panels panels = part.panels;
    const float *inputs = part.inputs, *outputs = part.outputs;
    const unsigned char* chosen = part.chosen;
    const Index begin = w_.batch * part.chunk / chunks_, end = w_.batch * (part.chunk + 1) / chunks_;
    if (part.prepares) clearBias(sums + weightSums_);
    for (Index group = 0; group < w_.groups; ++group) {
      float* const groupSums = sums + group * groupSums_;
      std::fill(groupSums + panelFirst(panels.first) * rows_,
                panels.end == panelCount() ? groupSums + groupSums_ : groupSums + panelFirst(panels.end) * rows_, 0.0F);
      ScratchPicture in = input_, out = output_;
      in.firstChannel = group * w_.inputChannels;
      out.firstChannel = group * w_.outputChannels;
      for (Index sample = begin; sample < end; sample += together_) {
        const Index count = std::min(together_, end - sample);
        for (Index i = 0; part.prepares && group == 0 && i < count; ++i) prepare(part.lane, sample + i, sums + weightSums_);
        for (Index i = 0; i < count; ++i) {
          const Index place = (sample + i) * w_.outputs.sample();
          if (!directOutput_) {
            loadPicture(w_.outputs, outputs + place, chosen ? chosen + place : nullptr, out, memory + i * outputSample(), temporary);
          }
          if (!direct_) loadPicture(w_.inputs, inputs + (sample + i) * w_.inputs.sample(), nullptr, in, input + i * inputSample(), temporary);
        }
        const float* from = direct_ ? inputs + sample * w_.inputs.sample() : input;
        const Index step = direct_ ? w_.inputs.sample() : inputSample();
        const float* gradient = directOutput_ ? outputs + sample * w_.outputs.sample() : memory;
        if (w_.depthwise) {
          sumDepthwise(from, step, gradient, count, groupSums);
          continue;
        }
        for (Index panel = panels.first; panel < panels.end; ++panel) sumPanel(panel, from, step, gradient, count, groupSums);
      }
    }
  }

  /** f(first line of the outputs, lines, first row of the inputs, slot) for every row of taps. */
  template <class F>
  void forEachRowOfTaps(F&& f) const {
    const AxisPhase& down = w_.y.phases[0];
    for (const TapRun& run : down.runs) {
      for (Index j = 0; j < run.count; ++j) {
        const Index offset = run.offset + j;
        // Lines whose input row lies inside the picture.
        const Index first = offset >= 0 ? 0 : (-offset + down.sourceStep - 1) / down.sourceStep;
        const Index room = w_.y.source - 1 - offset;
        const Index end = room < 0 ? 0 : std::min(down.count, room / down.sourceStep + 1);
        if (first < end) f(first, end - first, first * down.sourceStep + offset, run.slot + j);
      }
    }
  }

  void sumPanel(Index panel, const float* input, Index inputStep, const float* output, Index samples, float* sums) const {
    const AxisPhase& across = w_.x.phases[0];
    const Index channels = panelChannels(panel), columns = roundUp(channels, width_);
    float* const to = sums + panelFirst(panel) * rows_;
    ConvWeightBlock block;
    block.channels = channels;
    block.pixels = across.count;
    block.samples = samples;
    block.sourceStep = across.sourceStep * w_.inputChannels;
    block.sourceLine = w_.y.phases[0].sourceStep * input_.row(w_.inputs);
    block.sourceSample = inputStep;
    block.gradientStep = paddedOutputs_;
    block.gradientLine = output_.row(w_.outputs);
    block.gradientSample = outputSample();
    forEachRowOfTaps([&](Index line, Index lines, Index row, Index slot) {
      block.lines = lines;
      block.gradient = output + line * block.gradientLine + panelFirst(panel);
      for (const TapRun& run : across.runs) {
        block.rows = run.count * w_.inputChannels;
        block.source = input + row * input_.row(w_.inputs) + (run.offset + w_.x.before) * w_.inputChannels;
        block.sums = to + (slot * w_.x.kernel + run.slot) * w_.inputChannels * columns;
        kernels_.weightBlock(block);
      }
    });
  }

  void sumDepthwise(const float* input, Index inputStep, const float* output, Index samples, float* sums) const {
    const AxisPhase& across = w_.x.phases[0];
    Index offsets[kMostTaps], rows[kMostTaps];
    forEachRowOfTaps([&](Index first, Index lines, Index row, Index slot) {
      Index taps = 0;
      for (const TapRun& run : across.runs) {
        offsets[taps] = (run.offset + w_.x.before) * w_.inputChannels;
        rows[taps++] = slot * w_.x.kernel + run.slot;
      }
      for (Index sample = 0; sample < samples; ++sample) {
        for (Index line = 0; line < lines; ++line) {
          const float* from = input + sample * inputStep + (row + line * w_.y.phases[0].sourceStep) * input_.row(w_.inputs);
          const float* gradient = output + sample * outputSample() + (first + line) * output_.row(w_.outputs);
          kernels_.depthwiseWeights({across.count, w_.outputChannels, from, across.sourceStep * w_.inputChannels, offsets, rows, taps,
                                     gradient, paddedOutputs_, sums, paddedOutputs_});
        }
      }
    });
  }

  /** Adds the chunks of each lane to the first, and writes that as ONNX has it. */
  void addChunks(Index firstLane, Index lanes, float* sums, LaneValues<float> weights, bool accumulate, bool parallel) const {
    const Index pieces = (chunkSums_ + kPiece - 1) / kPiece;
    run_.scratch.forEachTask(run_.pool, parallel && chunks_ > 1, static_cast<size_t>(lanes * pieces), 0, [&](size_t task, float*) {
      const Index lane = static_cast<Index>(task) / pieces, begin = static_cast<Index>(task) % pieces * kPiece;
      if (!run_.has(static_cast<int>(firstLane + lane))) return;
      float* const first = sums + lane * chunks_ * chunkSums_ + begin;
      for (Index i = 1; i < chunks_; ++i) {
        kernelTable().addScaled(first, first + i * chunkSums_, std::min(kPiece, chunkSums_ - begin), 1.0F);
      }
    });
    if (planes_) writeWeights(firstLane, lanes, sums, weights, accumulate);
    else writePanels(firstLane, lanes, sums, weights, accumulate, parallel);
    for (Index lane = firstLane; prepared_.bias.data && lane < firstLane + lanes; ++lane) {
      if (!run_.has(static_cast<int>(lane))) continue;
      const float* from = sums + (lane - firstLane) * chunks_ * chunkSums_ + weightSums_;
      float* const to = prepared_.bias.of(static_cast<int>(lane));
      for (Index c = 0; c < preparedForm_.channels; ++c) to[c] = prepared_.accumulateBias ? to[c] + from[c] : from[c];
    }
  }

  /** Sums that lie as ONNX has the weights. */
  void writeWeights(Index firstLane, Index lanes, const float* sums, LaneValues<float> weights, bool accumulate) const {
    for (Index lane = firstLane; lane < firstLane + lanes; ++lane) {
      if (!run_.has(static_cast<int>(lane))) continue;
      const float* from = sums + (lane - firstLane) * chunks_ * chunkSums_;
      float* const to = weights.of(static_cast<int>(lane));
      if (accumulate) kernelTable().addScaled(to, from, weightCount(), 1.0F);
      else std::copy(from, from + weightCount(), to);
    }
  }

  void writePanels(Index firstLane, Index lanes, const float* sums, LaneValues<float> weights, bool accumulate, bool parallel) const {
    const Index panels = panelCount(), tasks = w_.groups * panels;
    const size_t room = accumulate ? static_cast<size_t>(rows_ * panelChannels(0)) : 0;
    run_.scratch.forEachTask(run_.pool, parallel, static_cast<size_t>(lanes * tasks), room, [&](size_t task, float* memory) {
      const Index index = static_cast<Index>(task), lane = index / tasks, group = index / panels % w_.groups, panel = index % panels;
      if (!run_.has(static_cast<int>(firstLane + lane))) return;
      const float* from = sums + lane * chunks_ * chunkSums_ + group * groupSums_ + panelFirst(panel) * rows_;
      float* const to = weights.of(static_cast<int>(firstLane + lane)) + (group * w_.outputChannels + panelFirst(panel)) * rows_;
      writePanel(from, panelChannels(panel), accumulate ? memory : to);
      if (accumulate) kernelTable().addScaled(to, memory, panelChannels(panel) * rows_, 1.0F);
    });
  }

  /** [tap][input][columns] to [output][input][tap]. */
  void writePanel(const float* from, Index channels, float* to) const {
    const Index taps = w_.taps(), inputs = w_.depthwise ? 1 : w_.inputChannels, columns = roundUp(channels, width_);
    if (taps == 1) return kernels_.transpose({from, columns, inputs, channels, to, nullptr, inputs, false});
    for (Index i = 0; i < inputs; ++i) {
      kernels_.transpose({from + i * columns, inputs * columns, taps, channels, to + i * taps, nullptr, inputs * taps, false});
    }
  }

  const ConvRun& run_;
  const WeightGradient& w_;
  const PlaneWeights* planes_;
  const ConvGradient& prepared_;
  const PictureForm& preparedForm_;
  const ConvKernels& kernels_;
  Index width_;
  Index rows_, paddedOutputs_, groupSums_, weightSums_, chunkSums_, chunks_, together_;
  ScratchPicture input_, output_;
  /** Inputs and outputs are read where they lie. */
  bool direct_, directOutput_;
};

}  // namespace

void collectWeightGradient(const ConvRun& run, const WeightGradient& gradient, const PlaneWeights* planes, Pictures<const float> values, const ConvGradient& prepared,
                           bool transposed, LaneValues<unsigned char> chosen, LaneValues<float> weights, bool accumulate) {
  const Pictures<const float> gradients{prepared.gradient.data, prepared.gradient.laneStride};
  Collector(run, gradient, planes, prepared, transposed)(transposed ? gradients : values, transposed ? values : gradients, chosen, weights, accumulate);
}

void channelSums(const ConvRun& run, const PictureForm& form, Index batch, Pictures<const float> pictures, LaneValues<float> sums,
                 bool accumulate) {
  const Index chunks = std::min(batch, kMostChunks), padded = roundUp(form.channels, 16);
  float* const partial = run.scratch.shared(static_cast<size_t>(run.lanes * chunks * padded));
  const bool parallel = run.pool.threads() > 1 && static_cast<double>(batch * form.sample() * run.lanes) >= kParallelWork / 4;
  run.scratch.forEachTask(run.pool, parallel, static_cast<size_t>(run.lanes * chunks), 0, [&](size_t task, float*) {
    const Index index = static_cast<Index>(task), chunk = index % chunks;
    const int lane = static_cast<int>(index / chunks);
    if (!run.has(lane)) return;
    float* const to = partial + index * padded;
    std::fill(to, to + padded, 0.0F);
    for (Index i = batch * chunk / chunks; i < batch * (chunk + 1) / chunks; ++i) {
      const float* from = pictures.of(lane) + i * form.sample();
      addChannels(form, from, to);
    }
  });
  for (int lane = 0; lane < run.lanes; ++lane) {
    if (!run.has(lane)) continue;
    float* const to = sums.of(lane);
    for (Index c = 0; c < form.channels; ++c) {
      float sum = 0;
      for (Index chunk = 0; chunk < chunks; ++chunk) sum += partial[(lane * chunks + chunk) * padded + c];
      to[c] = accumulate ? to[c] + sum : sum;
    }
  }
}

}  // namespace deltalab
