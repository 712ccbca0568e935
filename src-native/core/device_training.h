#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "evaluator.h"

namespace deltalab {

/** Values that are each lane's own, of a parameter: weights or running statistics. */
struct OwnValues {
  float* values;
  size_t laneStride;
  size_t count;
  /** Whether training changes them. */
  bool moves;
  float* of(int lane) const { return values + static_cast<size_t>(lane) * laneStride; }
};

/** In the order of the parameters. After the training programs are made. */
std::vector<OwnValues> ownValuesOf(const Model<float>& model);

/**
 * Training steps of all lanes at once on a device: programs, data, update, and the best weights of each lane. The counterpart of LaneRunner and
 * Updater; who goes on and when is the trainer's to decide. Steps are asked for, not waited for, and from the second one of a kind on recorded.
 */
class DeviceTraining {
 public:
  /** For batches of `batch` rows, and one of `rest` rows at the end of an epoch (0: none). Throws what planning throws. */
  DeviceTraining(Model<float>& model, size_t batch, size_t rest);

  const Operand<float>& output(size_t rows) { return programFor(rows).output(0); }
  /** Before the first step. The plan must stay where it is. Throws 'device.memory'. */
  void prepare(const TrainPlan& plan, const Scoring& scoring);
  DeviceScorer& scorer() { return *scorer_; }
  /** Rows of a forward pass of an Evaluator. */
  size_t evaluatedRows() const { return Evaluator::rowsOnDevice(*full_.program, batch_); }

  /** What a round begins with. */
  struct Round {
    DeviceMoment first;
    /** A lane whose mean loss of a batch is above this takes part no more. */
    double limit;
    /** [lanes] */
    const unsigned char* active;
    const Tally* tallies;
    /** Rows of the epoch; empty: as they lie. */
    const std::vector<int64_t>& order;
    /** Whether `order` is another than before. */
    bool newOrder;
    /** Of every lane. */
    std::vector<LanePenalties> penalties;
    /** [steps][lanes] */
    std::vector<UpdateStep> updates;
    size_t steps;
  };
  void begin(const Round& round);
  /** Forward and loss of the next batch, which has so many rows, then backward and update. */
  void forward(size_t rows);
  void backward(size_t rows);
  /** Both for the next batches of the epoch. */
  void steps(size_t count);
  /** Whether these are done as one (DeviceFusedSteps). */
  bool fuses() const { return fused_ != nullptr; }
  /** Mean losses of the steps of this round so far, [steps][lanes], and the tallies, [lanes]. Waits. */
  void read(std::vector<double>& losses, Tally* tallies);

  /** Looks which lanes have finite weights. Waits. */
  void findFinite();
  bool isFinite(int lane) const { return finite_[static_cast<size_t>(lane)] != 0; }
  void keepBest(int lane);
  std::vector<float> best(int lane) const;
  void restoreBest(int lane, const std::vector<float>& values);

  const UpdateLayout& layout() const { return *layout_; }
  DeviceUpdate& update() { return *update_; }
  std::vector<float> updateState() const;
  /** Of the direction of a lane's last step; 0 for what is not updated. Waits. */
  double directionNorm(size_t parameter, int lane) const;

 private:
  enum Part { kForward, kBackward, kStep };
  /** What is asked for again and again for batches of one size. */
  struct Kind {
    Program<float>* program = nullptr;
    bool warm[3] = {};
    std::unique_ptr<DeviceRecording> recordings[3];
  };
  Program<float>& programFor(size_t rows) { return *(rows == batch_ ? full_ : rest_).program; }
  ObjectiveWork objective(size_t rows);
  void ask(size_t rows, Part part);
  void askFor(size_t rows, Part part);
  void forgetRecordings();

  Model<float>& model_;
  DeviceBackend& device_;
  size_t lanes_;
  size_t batch_;
  Kind full_, rest_;
  /** Model::arenas() when the recordings were made. */
  size_t arenas_ = 0;
  uint64_t seed_ = 0;

  std::optional<UpdateLayout> layout_;
  std::unique_ptr<DeviceUpdate> update_;
  /** Null: steps are asked for one by one. */
  std::unique_ptr<DeviceFusedSteps> fused_;
  std::unique_ptr<DeviceScorer> scorer_;
  std::optional<DeviceTally> tally_;
  const TrainPlan* plan_ = nullptr;
  std::vector<OwnValues> own_;
  size_t ownCount_ = 0;
  /** [lanes][ownCount_] */
  DeviceBuffer<float> best_;

  DeviceBuffer<DeviceCursor> cursor_;
  DeviceBuffer<unsigned char> active_;
  DeviceBuffer<unsigned char> flags_;
  DeviceBuffer<double> limit_;
  DeviceBuffer<int64_t> order_;
  /** [steps][lanes] */
  DeviceBuffer<double> losses_;
  size_t stepsAsked_ = 0;
  /** Row of the epoch at which the next batch begins. */
  size_t position_ = 0;
  DeviceRows rows_;
  DeviceBuffer<float> inputs_, values_;
  DeviceBuffer<int64_t> classes_;
  std::vector<unsigned char> finite_;
};

}  // namespace deltalab
