#pragma once

#include <vector>

#include "conv.h"
#include "kernels/kernel_table.h"

namespace deltalab {

/** A maximum over windows, prepared. */
struct PicturePool {
  explicit PicturePool(const Window& window)
      : down(window.axes[1]), across(window.axes[2]), columns(poolSegments(across)), covers(isPartition(down) && isPartition(across)) {}

  WindowAxis down, across;
  std::vector<PoolSegment> columns;
  /** Every value lies in exactly one window. */
  bool covers;
};

/** The pictures of one side of a convolution as they lie in memory: those after the pool, where there is one. */
struct PictureForm {
  Index channels, height, width;
  bool channelsLast;
  /** Null: none. */
  const PicturePool* pool;

  Index memoryHeight() const { return pool ? static_cast<Index>(pool->down.output) : height; }
  Index memoryWidth() const { return pool ? static_cast<Index>(pool->across.output) : width; }
  /** Floats of a sample. */
  Index sample() const { return channels * memoryHeight() * memoryWidth(); }
};

/** Some channels of a picture in scratch memory, channels-last, with columns of zeros on both sides. */
struct ScratchPicture {
  Index firstChannel, channels;
  /** Floats between pixels: `channels`, or more to fill vectors. */
  Index pixel;
  Index before, after;

  Index row(const PictureForm& form) const { return (before + form.width + after) * pixel; }
  Index size(const PictureForm& form) const { return row(form) * form.height; }
};

/** Floats of `temporary` that loadPicture needs. */
Index temporarySize(const PictureForm& form, Index channels);

/** Copies a sample to scratch memory; through the pool backwards, where there is one, with `chosen` from its forward pass. */
void loadPicture(const PictureForm& form, const float* sample, const unsigned char* chosen, const ScratchPicture& to, float* target,
                 float* temporary);

/** Rows of some channels of a picture, [rows][width][channels], `pixel` floats between pixels. */
struct PictureBand {
  const float* data;
  Index pixel;
  Index firstRow, rows;
  Index firstChannel, channels;
};

/** Stores rows of a picture that has no pool. `temporary` holds the band once more, where it is to be added to what is there. */
void storeBand(const PictureForm& form, const PictureBand& band, float* sample, bool accumulate, float* temporary);
/** Stores the rows first..end after the pool of a band that has all they need. `chosen` may be null. */
void poolBand(const PictureForm& form, const PictureBand& band, Index first, Index end, float* sample, unsigned char* chosen,
              float* temporary);

}  // namespace deltalab
