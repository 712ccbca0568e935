#pragma once

#include "core/operator.h"

namespace deltalab {

/**
 * The input as rows that are normalised each by itself. A row has `entries` pairs of scale and shift for `run` consecutive values each;
 * the pairs of row r begin at (r % groups) · entries.
 *   LayerNormalization     rows = leading dimensions, entries = all values of a row, run = 1, groups = 1
 *   GroupNormalization     rows = samples · groups, entries = channels of a group, run = pixels
 *   InstanceNormalization  rows = samples · channels, entries = 1, run = pixels, groups = channels
 */
struct NormaliseForm {
  size_t rows = 1;
  size_t entries = 1;
  size_t run = 1;
  size_t groups = 1;
  double epsilon = 1e-5;

  size_t size() const { return entries * run; }
  /** Pairs of scale and shift in all. */
  size_t pairs() const { return groups * entries; }
  /** Every value of a row has a scale and a shift of its own, the same in all rows. */
  bool wholeRows() const { return run == 1 && groups == 1; }
};

NormaliseForm layerNormalizationForm(const NodeContext& context);
NormaliseForm groupNormalizationForm(const NodeContext& context);
NormaliseForm instanceNormalizationForm(const NodeContext& context);

/** A BatchNormalization of [samples][channels][pixels]. */
struct BatchNormalizationForm {
  size_t samples = 1, channels = 1, pixels = 1;
  double epsilon = 1e-5, momentum = 0.9;
  /** By the statistics of the batch, not by the given ones. */
  bool byBatch = false;
  /** The given statistics are moved. */
  bool movesInputs = false;

  /** Values of a channel. */
  size_t count() const { return samples * pixels; }
};

/** Throws 'graph.shape' where a batch has no variance to train by. */
BatchNormalizationForm batchNormalizationForm(const NodeContext& context, ProgramMode mode);
/** Throws 'graph.shape' where a gradient of the given statistics is wanted. */
template <class T>
void checkStatistics(const NodeContext& context, const Operand<T>& mean, const Operand<T>& variance) {
  if (mean.needsGradient || variance.needsGradient) {
    context.failShape("mean and variance must be constants of the graph, not computed from weights");
  }
}

/** The first normalised dimension of a LayerNormalization. */
size_t layerNormalizationAxis(const NodeContext& context);

/** The one value of stash_type (float32) that is computed with; throws 'graph.attribute' otherwise. */
void checkStashType(const NodeContext& context);

/** Throws 'graph.shape' unless input i, if it is there, has this shape. */
void checkParameter(const NodeContext& context, size_t input, const Shape& expected);

}  // namespace deltalab
