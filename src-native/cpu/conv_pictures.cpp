#include "conv_pictures.h"

#include <algorithm>
#include <cstring>

namespace deltalab {

namespace {

/** The taps of one window that lie inside the picture, relative to the first of them. */
class Taps {
 public:
  const WindowTap* data() const { return taps_; }
  Index count() const { return count_; }

  void fill(const PicturePool& pool, Index firstY, Index endY, const PoolSegment& x, Index row, Index pixel) {
    const WindowAxis &down = pool.down, &across = pool.across;
    count_ = 0;
    for (Index j = firstY; j < endY; ++j) {
      for (Index k = x.firstTap; k < x.endTap; ++k) {
        taps_[count_++] = {(j - firstY) * down.dilation * row + (k - x.firstTap) * across.dilation * pixel, j * across.kernel + k};
      }
    }
  }

 private:
  static constexpr Index kMost = 256;
  WindowTap taps_[kMost];
  Index count_ = 0;
};

/** The taps of a window's rows that lie inside the picture. */
void insideRows(const WindowAxis& axis, Index o, Index& first, Index& end) {
  first = 0;
  end = axis.kernel;
  while (first < end && axis.at(o, first) < 0) ++first;
  while (end > first && axis.at(o, end - 1) < 0) --end;
}

void zero(float* to, Index count) { std::memset(to, 0, static_cast<size_t>(count) * sizeof(float)); }

void copyPlain(const PictureForm& form, const float* sample, const ScratchPicture& to, float* target) {
  const Index row = to.row(form), plane = form.height * form.width;
  if (!form.channelsLast && to.channels > 1) {
    // Rows without columns between them are one long row.
    const bool whole = to.before + to.after == 0;
    const Index rows = whole ? 1 : form.height, width = whole ? plane : form.width;
    for (Index y = 0; y < rows; ++y) {
      kernelTable().conv.transpose({sample + to.firstChannel * plane + y * width, plane, to.channels, width,
                                    target + y * row + to.before * to.pixel, nullptr, to.pixel, false});
    }
    return;
  }
  const Index step = form.channelsLast ? form.channels : 1;
  const float* from = sample + (form.channelsLast ? to.firstChannel : to.firstChannel * plane);
  const bool dense = step == to.channels && to.pixel == to.channels;
  for (Index y = 0; y < form.height; ++y, from += form.width * step) {
    float* const line = target + y * row + to.before * to.pixel;
    if (dense) {
      std::memcpy(line, from, static_cast<size_t>(form.width * step) * sizeof(float));
      continue;
    }
    for (Index x = 0; x < form.width; ++x) std::copy(from + x * step, from + x * step + to.channels, line + x * to.pixel);
  }
}

void unpool(const PictureForm& form, const float* sample, const unsigned char* chosen, const ScratchPicture& to, float* target,
            float* temporary) {
  const PicturePool& pool = *form.pool;
  const WindowAxis &down = pool.down, &across = pool.across;
  const Index points = form.memoryHeight() * form.memoryWidth(), row = to.row(form);
  const float* from = sample + to.firstChannel;
  Index step = form.channels;
  if (!form.channelsLast) {
    kernelTable().conv.transpose({sample + to.firstChannel * points, points, to.channels, points, temporary, nullptr, to.channels, false});
    from = temporary;
    step = to.channels;
  }
  if (!pool.covers) zero(target, to.size(form));
  Taps taps;
  for (Index y = 0; y < down.output; ++y) {
    Index firstY, endY;
    insideRows(down, y, firstY, endY);
    for (const PoolSegment& segment : pool.columns) {
      taps.fill(pool, firstY, endY, segment, row, to.pixel);
      if (taps.count() == 0) continue;
      const Index place = y * across.output + segment.first;
      UnpoolLine line;
      line.count = segment.count;
      line.channels = to.channels;
      line.taps = taps.data();
      line.tapCount = taps.count();
      line.source = from + place * step;
      line.sourceStep = step;
      line.chosen = chosen + place * form.channels + to.firstChannel;
      line.chosenStep = form.channels;
      line.target = target + down.at(y, firstY) * row + (across.at(segment.first, segment.firstTap) + to.before) * to.pixel;
      line.targetStep = across.stride * to.pixel;
      line.accumulate = !pool.covers;
      kernelTable().conv.unpool(line);
    }
  }
}

}  // namespace

Index temporarySize(const PictureForm& form, Index channels) {
  return form.pool && !form.channelsLast ? form.memoryHeight() * form.memoryWidth() * channels : 0;
}

void loadPicture(const PictureForm& form, const float* sample, const unsigned char* chosen, const ScratchPicture& to, float* target,
                 float* temporary) {
  const Index row = to.row(form);
  if (to.pixel > to.channels) {
    zero(target, to.size(form));
  } else if (to.before + to.after > 0) {
    for (Index y = 0; y < form.height; ++y) {
      zero(target + y * row, to.before * to.pixel);
      zero(target + (y + 1) * row - to.after * to.pixel, to.after * to.pixel);
    }
  }
  if (form.pool) unpool(form, sample, chosen, to, target, temporary);
  else copyPlain(form, sample, to, target);
}

void storeBand(const PictureForm& form, const PictureBand& band, float* sample, bool accumulate, float* temporary) {
  const Index points = band.rows * form.width;
  if (form.channelsLast) {
    float* to = sample + band.firstRow * form.width * form.channels + band.firstChannel;
    for (Index i = 0; i < points; ++i, to += form.channels) {
      const float* from = band.data + i * band.pixel;
      if (accumulate) {
        for (Index c = 0; c < band.channels; ++c) to[c] += from[c];
      } else {
        std::copy(from, from + band.channels, to);
      }
    }
    return;
  }
  const Index plane = form.height * form.width;
  float* const to = sample + band.firstChannel * plane + band.firstRow * form.width;
  Transposition transposition{band.data, band.pixel, points, band.channels, to, nullptr, plane, false};
  if (!accumulate) return kernelTable().conv.transpose(transposition);
  transposition.target = temporary;
  transposition.targetStep = points;
  kernelTable().conv.transpose(transposition);
  for (Index c = 0; c < band.channels; ++c) kernelTable().addScaled(to + c * plane, temporary + c * points, points, 1.0F);
}

void poolBand(const PictureForm& form, const PictureBand& band, Index first, Index end, float* sample, unsigned char* chosen,
              float* temporary) {
  const PicturePool& pool = *form.pool;
  const WindowAxis &down = pool.down, &across = pool.across;
  const Index width = across.output, row = form.width * band.pixel;
  Taps taps;
  for (Index y = first; y < end; ++y) {
    Index firstY, endY;
    insideRows(down, y, firstY, endY);
    for (const PoolSegment& segment : pool.columns) {
      taps.fill(pool, firstY, endY, segment, row, band.pixel);
      PoolLine line;
      line.count = segment.count;
      line.channels = band.channels;
      line.taps = taps.data();
      line.tapCount = taps.count();
      line.source = band.data + (down.at(y, firstY) - band.firstRow) * row + across.at(segment.first, segment.firstTap) * band.pixel;
      line.sourceStep = across.stride * band.pixel;
      const Index place = y * width + segment.first;
      line.target = form.channelsLast ? sample + place * form.channels + band.firstChannel
                                      : temporary + (place - first * width) * band.channels;
      line.targetStep = form.channelsLast ? form.channels : band.channels;
      line.chosen = chosen ? chosen + place * form.channels + band.firstChannel : nullptr;
      line.chosenStep = form.channels;
      kernelTable().conv.pool(line);
    }
  }
  if (form.channelsLast) return;
  const Index plane = form.memoryHeight() * width;
  kernelTable().conv.transpose({temporary, band.channels, (end - first) * width, band.channels,
                                sample + band.firstChannel * plane + first * width, nullptr, plane, false});
}

}  // namespace deltalab
