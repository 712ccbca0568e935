#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "../losses/loss.h"
#include "../optimizers/optimizer.h"
#include "both.h"
#include "metrics.h"
#include "update_layout.h"

// What a training on a device asks for besides the steps of its programs. All pointers are to the device's memory, and all work is asked
// for, not waited for: what changes from step to step is read there (DeviceCursor), so that a recorded step may be done again.

namespace deltalab {

/** A step of a training. */
struct DeviceMoment {
  /** RandomKey::step: training steps done before this one. */
  uint64_t step = 0;
  /** The first row of the batch, in the order of the epoch. */
  uint64_t position = 0;
  /** Steps done before in this round. */
  uint64_t inRound = 0;

  /** After a batch of so many rows. */
  DELTALAB_BOTH DeviceMoment after(size_t rows) const { return {step + 1, position + rows, inRound + 1}; }
};

/** Where a training is. What begins a step reads `next` and writes `now`, all that follows reads `now`: so no kernel is needed to count. */
struct DeviceCursor {
  DeviceMoment now, next;
};

/** Rows of a split, all of them or a batch: as DataSplit. */
struct DeviceRows {
  float* inputs = nullptr;
  /** One of both is null. */
  float* values = nullptr;
  int64_t* classes = nullptr;
};

/** The next `rows` rows of `from`, in the order of `order` (null: as they lie), to `to`. */
struct GatherWork {
  DeviceCursor* cursor;
  const int64_t* order;
  size_t rows;
  /** Values of a row. */
  size_t inputs, columns;
  DeviceRows from, to;
};

/** A lane's Tally: [loss, weight, absolute, squares...] and [rows, correct, top3, top5, hits..., said..., were...]. */
struct TallyLayout {
  static constexpr size_t kSums = 3, kCounts = 4;
  size_t columns = 0;
  bool squares = false, classes = false;
  DELTALAB_BOTH size_t sums() const { return kSums + (squares ? columns : 0); }
  DELTALAB_BOTH size_t counts() const { return kCounts + (classes ? 3 * columns : 0); }
};

/** The loss of all rows of a batch of every lane, its gradient, and the counts of the metrics. */
struct ObjectiveWork {
  LossKind loss;
  double delta, labelSmoothing, margin;
  /** Null: all 1. */
  const float* classWeights;
  Counted counted;
  /** Unit of each column. */
  const double* scales;

  int lanes;
  size_t rows, columns;
  const float* outputs;
  /** Null: only the loss is wanted. */
  float* gradients;
  /** Elements between lanes and rows of both. */
  size_t laneStride, rowStride;
  const float* values;
  const int64_t* classes;

  /** By lane, not 0: it is counted. */
  unsigned char* active;
  /**
   * [lanes][TallyLayout::sums()] and [lanes][TallyLayout::counts()], added to: by an evaluation piece by piece, so that it does not matter how many
   * of them are asked for at a time; by a training step its own sum.
   */
  double* sums;
  unsigned long long* counts;
  /** What comes in between, zeroed at first: see arrived(), parts() and weights(). */
  double* scratch;

  /**
   * Of a training step: [steps of a round][lanes], where the mean loss is put at cursor->now.inRound; a lane whose loss is not finite or above
   * `limit` takes part no more. Null: of an evaluation.
   */
  double* batchLosses;
  DeviceCursor* cursor;
  /** In the device's memory, too: it is set when the first evaluation is done. */
  const double* limit;

  /** Rows of a piece. */
  static constexpr size_t kPiece = 256;
  DELTALAB_BOTH TallyLayout layout() const { return {columns, counted.squares, counted.classes}; }
  DELTALAB_BOTH size_t pieces() const { return (rows + kPiece - 1) / kPiece; }
  DELTALAB_BOTH size_t scratchSize() const { return static_cast<size_t>(lanes) + pieces() * (static_cast<size_t>(lanes) * layout().sums() + 1); }
  /** How many of its pieces are done, by lane: wherever there are fewer rows, too. */
  DELTALAB_BOTH unsigned* arrived() const { return reinterpret_cast<unsigned*>(scratch); }
  /** [pieces][lanes][TallyLayout::sums()] */
  DELTALAB_BOTH double* parts() const { return scratch + lanes; }
  /** Of the pieces, where classes have weights. */
  DELTALAB_BOTH double* weights() const { return scratch + scratchSize() - pieces(); }
};

/** What an update does to the gradients of a lane beside its optimizer (Updater), by settings that may change between rounds. */
struct LanePenalties {
  float l1 = 0;
  float clipValue = 0;
  double clipNorm = 0;
  double maxNorm = 0;
};

/** Steps of lanes that DeviceUpdate::prepare is given at a time, at most; one step of more lanes may come, too. */
constexpr size_t kMostUpdates = 1 << 15;

/** Moves the weights of all lanes that take part: penalties, clipping, the optimizer, largest norms, as Updater does on the processor. */
class DeviceUpdate {
 public:
  virtual ~DeviceUpdate() = default;
  /**
   * Before the steps of a round: the settings of every lane, [lanes], and its steps, [steps][lanes], of which one that does not take part
   * is never read. May wait for the device. Returns whether `run` asks for other work than before, so that what was recorded of it no longer holds.
   */
  virtual bool prepare(const LanePenalties* penalties, const UpdateStep* updates, size_t steps) = 0;
  /** The step at cursor->now.inRound. Gradients become directions (OptimizerDefinition::directionTimesRate). */
  virtual void run(const unsigned char* active, const DeviceCursor* cursor) = 0;
  /** What the optimizer remembers, as Updater::save: UpdateLayout::stateSize values. Both wait. */
  virtual void save(float* state) const = 0;
  virtual void restore(const float* state) = 0;
};

/** Steps that follow each other in an epoch. */
struct FusedWork {
  /** Where the first batch begins, in the order of the epoch. */
  size_t position;
  size_t steps;
  /** Of this round before the first one. */
  size_t inRound;
  /** Rows of a batch, and of an epoch, whose last batch may be shorter. */
  size_t batch, count;
  const int64_t* order;
  DeviceRows from;
  /** Of a training step. Outputs, gradients, rows and targets are left to the device, and so is where the steps are: `cursor` is not read. */
  ObjectiveWork objective;
};

/**
 * Training steps that a device does as one, keeping what a step leaves for the next near at hand: forward, objective, backward and update of all
 * lanes that take part. They leave what single steps do: weights, what the optimizer remembers, directions of the last step, losses and tallies.
 */
class DeviceFusedSteps {
 public:
  virtual ~DeviceFusedSteps() = default;
  /** By the settings of the last DeviceUpdate::prepare. */
  virtual void run(const FusedWork& work) = 0;
};

/** A step of an optimizer for one tensor. None of its arrays overlap. */
struct TensorUpdate {
  const float* weights;
  const float* gradient;
  /** The new weights. */
  float* to;
  /** As UpdateChunk::slots. */
  float* slots[kMostSlots];
  size_t count;
  /** Up the gradient instead of down. */
  bool maximize;
};

/** Work that is asked for again and again as it was the first time. */
class DeviceRecording {
 public:
  virtual ~DeviceRecording() = default;
  virtual void replay() = 0;
};

/** A weight, or running statistics, of every lane: data + lane * laneStride. */
struct DeviceValues {
  float* data;
  size_t laneStride;
  size_t count;
};

}  // namespace deltalab
