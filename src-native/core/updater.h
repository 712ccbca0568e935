#pragma once

#include <optional>
#include <vector>

#include "../optimizers/optimizer.h"
#include "bytes.h"
#include "max_norm.h"
#include "model.h"

namespace deltalab {

/**
 * One step of all lanes, from gradients to weights: penalty L1, clipping by value, clipping by norm, the optimizer (with its weight
 * decay), largest norm. In this order, which is that of a PyTorch loop: a penalty is part of the loss, clipping follows backward,
 * weight decay is the optimizer's. Sums are cut by shape and kept in double; nothing is allocated in a step.
 */
class Updater {
 public:
  /** Remembers as much per weight as the most demanding lane needs. `model` must outlive it; its parameters are updated where `reached`. */
  Updater(Model<float>& model, OptimizerKind optimizer, const std::vector<LaneSettings>& lanes);

  const OptimizerDefinition& optimizer() const { return optimizer_; }
  /** Values remembered per weight. */
  size_t slots() const { return slots_; }
  size_t stateSize() const { return state_.size(); }
  void save(ByteWriter& writer) const { writer.array(state_.data(), state_.size()); }
  void restore(const std::vector<float>& state);

  /** steps[lane] for every lane that takes part. Gradients become directions of the step (OptimizerDefinition::directionTimesRate). */
  void step(Run& run, const std::vector<UpdateStep>& steps);

 private:
  struct Trained {
    size_t parameter;
    /** Of its slots in state_: [slots][lanes][count]. */
    size_t offset;
    /** Of its partial sums of squares. */
    size_t firstPiece;
    std::optional<UnitLayout> units;
  };

  void penalise(Run& run, const std::vector<UpdateStep>& steps);
  void clipNorms(Run& run, const std::vector<UpdateStep>& steps);
  void limitUnits(Run& run, const std::vector<UpdateStep>& steps);

  Model<float>& model_;
  const OptimizerDefinition& optimizer_;
  size_t slots_ = 0;
  size_t pieces_ = 0;
  std::vector<Trained> trained_;
  AlignedBuffer<float> state_;
  /** [lanes][pieces_] */
  std::vector<double> squares_;
  std::vector<float> scales_;
};

}  // namespace deltalab
