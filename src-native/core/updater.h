#pragma once

#include <optional>
#include <vector>

#include "../optimizers/optimizer.h"
#include "bytes.h"
#include "gradient_sink.h"
#include "memory.h"
#include "model.h"
#include "update_layout.h"

namespace deltalab {

/**
 * A lane's way from gradients to weights: penalty L1, clipping by value, clipping by norm, the optimizer (with its weight decay), largest
 * norm. In this order, which is that of a PyTorch loop: a penalty is part of the loss, clipping follows backward, weight decay is the
 * optimizer's. Gradients come piece by piece during backward (LaneUpdate) or, where a step leaves them in their buffers and where a lane
 * clips by norm, which needs all of them first, afterwards. Sums are cut by shape; nothing is allocated. Different lanes may be updated
 * on different threads at a time.
 */
class Updater {
 public:
  /** Remembers as much per weight as the most demanding lane needs. `model` must outlive it; its parameters are updated where `reached`. */
  Updater(Model<float>& model, OptimizerKind optimizer, const std::vector<LaneSettings>& lanes);

  const UpdateLayout& layout() const { return layout_; }
  void save(ByteWriter& writer) const { writer.array(state_.data(), state_.size()); }
  void restore(const std::vector<float>& state);

  /** Whether a lane of these settings can be updated piece by piece. */
  static bool takesPieces(const LaneSettings& settings) { return settings.clipNorm == 0; }
  /** Whether a step of these settings is w -= rate · g and nothing else, which whoever computes g may do at once. */
  bool movesByGradientAlone(const LaneSettings& settings) const;
  /** A step of the lane begins. The gradients of the parameters that are `taken` come by `take`, the others are left in their buffers. */
  void begin(int lane, const std::vector<bool>& taken);
  /** A piece as of GradientSink::take, of this lane. `gradient` becomes the direction of the step (OptimizerDefinition::directionTimesRate). */
  void take(const UpdateStep& step, int lane, int parameter, size_t begin, size_t count, float* gradient);
  /** Fetches weights that `take` is about to move. */
  void expect(int lane, int parameter, size_t begin, size_t count) const {
    fetch(model_.parameters().all()[static_cast<size_t>(parameter)].values(lane) + begin, count);
  }
  /** Updates the parameters that are not taken, from their buffers, then limits norms. The pool is used where it is worth while. */
  void finish(ThreadPool& pool, const UpdateStep& step, int lane);

  /** L2 norm of the direction of a parameter's last step, of a lane that has begun one; 0 for a parameter that is not updated. */
  double directionNorm(size_t parameter, int lane) const;

 private:
  struct Trained : TrainedParameter {
    /** Of its sums of squares in squares_. */
    size_t firstSquare;
  };

  void penalise(const LaneSettings& settings, int lane, const Trained& trained, size_t begin, size_t count, float* gradient);
  void move(const UpdateStep& step, int lane, const Trained& trained, size_t begin, size_t count, float* gradient);
  void clipNorm(ThreadPool& pool, const UpdateStep& step, int lane);
  double& squareAt(int lane, const Trained& trained, size_t begin);
  double sumOfSquaresOf(int lane) const;
  void limitUnits(ThreadPool& pool, const LaneSettings& settings, int lane);
  template <class F>
  void forEachPiece(ThreadPool& pool, const Trained& trained, int lane, F&& f);

  Model<float>& model_;
  const OptimizerDefinition& optimizer_;
  UpdateLayout layout_;
  size_t squaresPerLane_ = 0;
  std::vector<Trained> trained_;
  /** Index in trained_ by parameter; -1 for one that is not updated. */
  std::vector<int> trainedOf_;
  AlignedBuffer<float> state_;
  /**
   * [lanes][squaresPerLane_]: sums of squares of the pieces that were taken, one place per kLeastPiece values. Directions of the other
   * parameters are in their buffers.
   */
  std::vector<double> squares_;
  /** By lane: of its last step. */
  std::vector<const std::vector<bool>*> taken_;
};

/** Takes the gradients of one step of one lane to the updater. */
class LaneUpdate final : public GradientSink {
 public:
  LaneUpdate(Updater& updater, const UpdateStep& step, int lane) : updater_(updater), step_(step), lane_(lane) {}
  void take(int parameter, size_t begin, size_t count, float* gradient) override {
    updater_.take(step_, lane_, parameter, begin, count, gradient);
  }
  void expect(int parameter, size_t begin, size_t count) override { updater_.expect(lane_, parameter, begin, count); }

 private:
  Updater& updater_;
  const UpdateStep& step_;
  int lane_;
};

}  // namespace deltalab
