#include "picture_pool_step.h"

#include <algorithm>

namespace deltalab {

namespace {

/** As many as Convolution::takesPool allows. */
constexpr Index kMostTaps = 256;

Index roundUp(Index value) { return (value + 15) / 16 * 16; }

}  // namespace

PicturePoolStep::PicturePoolStep(StepSpec<float>&& spec, const Window& window, std::vector<float> scales)
    : Step<float>(std::move(spec)),
      pool_(window),
      rows_(poolSegments(pool_.down)),
      batch_(static_cast<Index>(inputs[0].shape[0])),
      scales_(std::move(scales)) {
  const Index channels = static_cast<Index>(inputs[0].shape[1]);
  input_ = {channels, pool_.down.input, pool_.across.input, inputs[0].channelsLast || channels == 1, nullptr};
  output_ = {channels, pool_.down.input, pool_.across.input, output.channelsLast || channels == 1, &pool_};
  if (averages()) {
    output_ = {channels, pool_.down.output, pool_.across.output, output_.channelsLast, nullptr};
    ones_.assign(static_cast<size_t>(channels), 1.0F);
  } else if (output.needsGradient) {
    chosen_.resize(static_cast<size_t>(lanes) * output.count);
  }
}

template <class F>
void PicturePoolStep::forEachSample(Run& run, F&& f) {
  const Index from = roundUp(input_.sample()), to = roundUp(output_.sample());
  const size_t tasks = static_cast<size_t>(run.lanes.count * batch_);
  const bool parallel = run.pool.threads() > 1 && inputs[0].count * static_cast<size_t>(run.lanes.activeCount) >= kParallelElements;
  run.workspace.scratch.forEachTask(run.pool, parallel, tasks, static_cast<size_t>(from + to + std::max(from, to)),
                                    [&](size_t task, float* memory) {
    const int lane = static_cast<int>(static_cast<Index>(task) / batch_);
    if (run.lanes.has(lane)) f(lane, static_cast<Index>(task) % batch_, memory);
  });
}

unsigned char* PicturePoolStep::chosen(int lane, Index sample) {
  return chosen_.empty() ? nullptr : chosen_.data() + static_cast<size_t>(lane) * output.count + static_cast<size_t>(sample * output_.sample());
}

void PicturePoolStep::forward(Run& run) {
  forEachSample(run, [&](int lane, Index sample, float* memory) {
    const float* pixels = inputs[0].data(lane) + sample * input_.sample();
    float* const to = output.mutableData(lane) + sample * output_.sample();
    float* const free = memory + roundUp(input_.sample());
    if (!input_.channelsLast) {
      loadPicture(input_, pixels, nullptr, whole(), memory, nullptr);
      pixels = memory;
    }
    const Index channels = input_.channels;
    if (!averages()) {
      poolBand(output_, {pixels, channels, 0, input_.height, 0, channels}, 0, pool_.down.output, to, chosen(lane, sample), free);
    } else if (output_.channelsLast) {
      average(pixels, to);
    } else {
      average(pixels, free);
      storeBand(output_, {free, channels, 0, output_.height, 0, channels}, to, false, nullptr);
    }
  });
}

void PicturePoolStep::backward(Run& run) {
  const Operand<float>& target = inputs[0];
  if (!target.needsGradient) return;
  const bool direct = input_.channelsLast && !target.accumulate;
  forEachSample(run, [&](int lane, Index sample, float* memory) {
    float* const to = target.gradient(lane) + sample * input_.sample();
    float* const pixels = direct ? to : memory;
    float* const free = memory + roundUp(input_.sample());
    const float* gradient = output.gradient(lane) + sample * output_.sample();
    if (averages()) {
      loadPicture(output_, gradient, nullptr, whole(), free, nullptr);
      spread(free, pixels);
    } else {
      loadPicture(output_, gradient, chosen(lane, sample), whole(), pixels, free);
    }
    if (direct) return;
    storeBand(input_, {pixels, input_.channels, 0, input_.height, 0, input_.channels}, to, target.accumulate, free);
  });
}

template <class F>
void PicturePoolStep::forEachSegment(F&& f) const {
  const WindowAxis &down = pool_.down, &across = pool_.across;
  const Index channels = input_.channels, row = input_.width * channels;
  Index offsets[kMostTaps];
  for (const PoolSegment& y : rows_) {
    for (const PoolSegment& x : pool_.columns) {
      Index taps = 0;
      for (Index j = 0; j < y.endTap - y.firstTap; ++j) {
        for (Index k = 0; k < x.endTap - x.firstTap; ++k) offsets[taps++] = j * down.dilation * row + k * across.dilation * channels;
      }
      for (Index i = y.first; i < y.first + y.count; ++i) {
        const Index first = down.at(i, y.firstTap) * row + across.at(x.first, x.firstTap) * channels;
        f(first, offsets, taps, i * across.output + x.first, x.count);
      }
    }
  }
}

/** A sum over a window is a filter of ones for each channel. */
void PicturePoolStep::average(const float* pixels, float* means) const {
  const Index channels = input_.channels, step = pool_.across.stride * channels;
  const Index rows[kMostTaps] = {};
  forEachSegment([&](Index first, const Index* offsets, Index taps, Index point, Index count) {
    float* const to = means + point * channels;
    kernelTable().conv.depthwise({count, channels, pixels + first, step, offsets, rows, taps, ones_.data(), 0, to, channels, nullptr, false, false});
    for (Index i = 0; i < count; ++i) {
      for (Index c = 0; c < channels; ++c) to[i * channels + c] *= scales_[static_cast<size_t>(point + i)];
    }
  });
}

void PicturePoolStep::spread(const float* gradient, float* pixels) const {
  const Index channels = input_.channels, step = pool_.across.stride * channels;
  std::fill(pixels, pixels + input_.sample(), 0.0F);
  forEachSegment([&](Index first, const Index* offsets, Index taps, Index point, Index count) {
    for (Index i = 0; i < count; ++i, ++point, first += step) {
      for (Index t = 0; t < taps; ++t) {
        kernelTable().addScaled(pixels + first + offsets[t], gradient + point * channels, channels, scales_[static_cast<size_t>(point)]);
      }
    }
  });
}

}  // namespace deltalab
