#pragma once

// What the convolution and pooling kernels work on. Read by files compiled for AVX2 and AVX-512: plain types only (see
// kernel_table.h). Pictures are channels-last here: the channels of a pixel lie one after another.

#include <stddef.h>

namespace deltalab {

using Index = ptrdiff_t;

/** A stretch of products along which the values of the picture and the rows of the weights both follow each other. */
struct ConvSpan {
  /** Floats from the first value of an output's window. */
  Index source;
  /** Rows of the panel of weights. */
  Index weights;
  Index length;
};

/**
 * A line of outputs of one panel of channels, equally spaced in the picture and in the result:
 * target[i][c] (+)= Σ_spans Σ_j source[i · sourceStep + span.source + j] · weights[span.weights + j][c] + bias[c].
 * A panel has at most ConvKernels::columns channels; its rows are whole vectors, padded with zeros.
 */
struct ConvLine {
  Index count;
  const float* source;
  Index sourceStep;
  const ConvSpan* spans;
  Index spanCount;
  const float* weights;
  Index channels;
  float* target;
  Index targetStep;
  /** May be null. */
  const float* bias;
  bool accumulate;
  bool relu;
};

/** Channels of a planar result that share the vectors of the picture. */
constexpr Index kPlaneChannels = 4;

/**
 * A stretch of outputs of a few channels, planar: vectors lie along the picture, not along the channels.
 * target[c][i] = Σ_spans Σ_j source[span.source + j + i] · weights[span.weights + j][c] + bias[c]. Whole vectors of the source are read.
 */
struct PlaneLine {
  Index count;
  /** At most kPlaneChannels. */
  Index channels;
  const float* source;
  const ConvSpan* spans;
  Index spanCount;
  /** Rows of kPlaneChannels. */
  const float* weights;
  float* target;
  /** Floats between channels. */
  Index targetChannel;
  /** May be null. */
  const float* bias;
  bool relu;
};

/**
 * The gradient of weights from planar pictures: sums[c][t] += Σ_samples Σ_i source[offsets[t] + i] · gradient[c][i], for whole vectors of i.
 */
struct PlaneWeightBlock {
  Index channels, taps;
  const Index* offsets;
  Index vectors, samples;
  const float* source;
  Index sourceSample;
  const float* gradient;
  Index gradientChannel, gradientSample;
  float* sums;
  /** Floats between channels. */
  Index sumChannel;
};

/**
 * A block of the gradient of the weights: sums[j][c] += Σ_pixels source[pixel][j] · gradient[pixel][c]. Pixels are those of
 * `lines` lines of each of `samples` samples. Rows of `gradient` and `sums` are whole vectors.
 */
struct ConvWeightBlock {
  Index rows, channels;
  Index pixels, lines, samples;
  const float* source;
  Index sourceStep, sourceLine, sourceSample;
  const float* gradient;
  Index gradientStep, gradientLine, gradientSample;
  float* sums;
};

/** One value of a window that lies inside the picture; `index` is its number in the whole window, below 256. */
struct WindowTap {
  Index source;
  Index index;
};

/** A line of windows: target = the largest value, `chosen` its number. In a tie the first wins; NaN wins over all. */
struct PoolLine {
  Index count, channels;
  const WindowTap* taps;
  Index tapCount;
  const float* source;
  Index sourceStep;
  float* target;
  Index targetStep;
  /** Null: not wanted. */
  unsigned char* chosen;
  Index chosenStep;
};

/** The way back: every value of a window gets (or is added) `source` where it was chosen, else 0. */
struct UnpoolLine {
  Index count, channels;
  const WindowTap* taps;
  Index tapCount;
  const float* source;
  Index sourceStep;
  const unsigned char* chosen;
  Index chosenStep;
  float* target;
  Index targetStep;
  bool accumulate;
};

/** One filter per channel: target[i][c] (+)= Σ_t source[i · sourceStep + offsets[t]][c] · weights[rows[t]][c] + bias[c]. */
struct DepthwiseLine {
  Index count, channels;
  const float* source;
  Index sourceStep;
  const Index* offsets;
  const Index* rows;
  Index taps;
  const float* weights;
  Index weightStep;
  float* target;
  Index targetStep;
  const float* bias;
  bool accumulate;
  bool relu;
};

/** sums[rows[t]][c] += Σ_i source[i · sourceStep + offsets[t]][c] · gradient[i · gradientStep][c]. */
struct DepthwiseWeightLine {
  Index count, channels;
  const float* source;
  Index sourceStep;
  const Index* offsets;
  const Index* rows;
  Index taps;
  const float* gradient;
  Index gradientStep;
  float* sums;
  Index sumStep;
};

/** target[places[j] · targetStep + i] = source[i][j] for i < rows, j < columns: a transpose whose rows go where `places` says. */
struct Transposition {
  const float* source;
  Index sourceStep;
  Index rows, columns;
  float* target;
  /** Null: in their order. */
  const Index* places;
  Index targetStep;
  /** Fill the last vector of each row of the target with zeros instead of leaving what lies behind its `rows` values alone. */
  bool pad;
};

struct ConvKernels {
  /** Channels of a vector, and of a panel. */
  int width, columns;
  void (*line)(const ConvLine& line);
  void (*planeLine)(const PlaneLine& line);
  void (*weightBlock)(const ConvWeightBlock& block);
  void (*planeWeights)(const PlaneWeightBlock& block);
  /** sums[c] += Σ_i x[i][c]. */
  void (*addRows)(const float* x, Index rows, Index step, Index channels, float* sums);
  /** sums[c] += Σ_i x[c · points + i]. */
  void (*addPlanes)(const float* x, Index points, Index channels, float* sums);
  void (*pool)(const PoolLine& line);
  void (*unpool)(const UnpoolLine& line);
  void (*depthwise)(const DepthwiseLine& line);
  void (*depthwiseWeights)(const DepthwiseWeightLine& line);
  void (*transpose)(const Transposition& transposition);
};

}  // namespace deltalab
