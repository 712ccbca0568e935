#pragma once

#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <vector>

#include "lane_group.h"
#include "lane_runner.h"
#include "model.h"
#include "random.h"
#include "step_sharing.h"
#include "training.h"
#include "updater.h"

namespace deltalab {

/**
 * N lanes in lockstep: same start, same batches, own hyperparameters. Lane k is, bit for bit, the run of that setting alone,
 * whatever the number of threads. Not thread-safe, except for progress() and interrupt().
 */
class Trainer {
 public:
  /**
   * `devices`: where it is done, if not on the processor; must outlive it. Lanes are spread over them (makeGroups). There, too, the results of a lane
   * are those of the setting alone on such a device and the same from run to run, but not those of the processor. Throws an EngineError
   * ('graph.*', 'plan.*' or 'device.*') when the plan cannot be trained.
   */
  Trainer(TrainPlan plan, const std::vector<DeviceBackend*>& devices);
  /** On one device, or on the processor. */
  explicit Trainer(TrainPlan plan, DeviceBackend* device = nullptr);

  AdvanceReport advance(const AdvanceLimit& limit);
  int64_t progress() const { return progress_.load(std::memory_order_relaxed); }
  void interrupt() { interrupted_.store(true, std::memory_order_relaxed); }
  /** Forgets an earlier interrupt; to be called before advance by the thread that may interrupt. */
  void allow() { interrupted_.store(false, std::memory_order_relaxed); }

  void setLearningRate(int lane, double learningRate);
  void stopLane(int lane);

  std::vector<float> predict(int lane, const std::vector<float>& inputs, size_t count);
  Score evaluate(int lane, const DataSplit& data);
  std::vector<NamedTensor> weights(int lane) const;
  std::optional<std::vector<NamedTensor>> bestWeights(int lane) const;
  std::vector<Norms> norms(int lane) const;

  std::vector<uint8_t> saveState() const;
  /** Throws 'state.mismatch' and changes nothing when the state is of another plan, another version or damaged. */
  void loadState(const std::vector<uint8_t>& state);

  const std::vector<Metric>& metrics() const { return plan_.metrics; }
  /** Whether a device does several steps as one (DeviceFusedSteps). */
  bool fusesSteps() const { return onDevices_ && groups_[0]->training->fuses() && !keepsBestBeforeStep(); }

 private:
  struct Lane {
    LaneSettings settings;
    LaneStatus status;
    PlateauState plateau;
    /** Of the rule "no improvement": the loss to beat, and the epochs that did not. */
    double bestJudged = std::numeric_limits<double>::infinity();
    int64_t waited = 0;
    bool started = false;
    /** Learning rate of the last step, and the norms of its update where the gradients no longer tell. */
    double lastRate = 0;
    std::vector<double> keptNorms;
    /** Its own values at the best epoch, in the order of own_; empty before. On a device they are kept there. */
    std::vector<float> best;
    /** Of the epochs of a round. */
    EpochRecords records;
  };

  void checkSplit(const char* name, const DataSplit& data) const;
  const Lane& laneAt(int lane) const;
  Lane& laneAt(int lane);

  /** Where a lane is in the course of training: steps and epochs done, and rows of the running epoch. */
  struct Moment {
    int64_t step = 0;
    int64_t epoch = 0;
    size_t position = 0;

    bool operator<(const Moment& other) const { return step < other.step || (step == other.step && epoch < other.epoch); }
  };
  Moment now() const { return {step_, epoch_, position_}; }

  /** The next steps of all running lanes: some, but at most `steps`, and not beyond the end of so many epochs. */
  void round(int64_t steps, int64_t epochs, EpochRecords& records);
  /** The batches in `batches_`, `passes` times, as far as the lane survives; returns where it has come. */
  Moment trainLane(LaneRunner& runner, int index, int64_t passes, ThreadPool& pool);
  /**
   * Epochs of a batch that stays, of a lane that nothing but its training loss decides about: an epoch is a chain's step and a record. One
   * that is out of the ordinary is left to trainLane, which begins it anew. Returns how many of the passes are done.
   */
  int64_t trainPlainEpochs(LaneRunner& runner, int index, int64_t passes, Moment& moment);
  /** Forward, the rules about a batch, backward; false when the lane has been frozen. */
  bool trainBatch(LaneRunner& runner, int index, const Batch& batch, Moment& moment, ThreadPool& pool);
  /** The first `count` running lanes, each on one thread; returns where the one that came farthest is. */
  Moment trainAlone(size_t count, int64_t passes);
  /** What lanes have noted of their epochs, to `records`. */
  void collectRecords(EpochRecords& records);
  /** A round of all lanes on their devices: of some steps, or of one whose weights may be kept before it. */
  void deviceRound(int64_t steps);
  /** Hands over what the steps of a round need. */
  void beginRound(LaneGroup& group, int64_t steps, bool newOrder);
  /** What a step on a device has come to for a lane; false when the lane has been frozen. */
  bool tookDeviceStep(int index, double loss, Moment& moment, size_t rows);
  /** Makes the rounds longer or shorter, from how long the last one took. */
  void adaptRounds(double milliseconds, int64_t done);
  void beginEpoch();
  /** Gathers the next batches, `count` or fewer. */
  void gather(size_t count, ThreadPool& pool);
  /** The next rows in shuffled order, to where the batches expect them. */
  void copyShuffled(size_t rows, ThreadPool& pool);
  void diverge(Lane& lane, double loss, const Moment& moment);
  bool hasFiniteWeights(int lane) const;
  double knowNothingLoss() const;
  /** An epoch whose mean loss is above this is called diverged. */
  double divergenceLimit() const { return plan_.divergenceFactor * std::max(referenceLoss_, kTiniestReference); }
  /** Whether something has to be evaluated, for all lanes together, before the next step. */
  bool evaluates() const { return !startReported_ || position_ == plan_.training.count; }
  /** The next piece of that; with the last one the records are added. */
  void evaluateNext(EpochRecords& records);
  /** Goes on with the pass of every group, begun where none is under way; true when it is over, with its scores in `scores_`. */
  bool pass(const DataSplit& data, const std::vector<double>& spread, const LaneSet& lanes);
  void evaluateStart(EpochRecords& records);
  void reportStart(const Score& training, const std::optional<Score>& validation, EpochRecords& records);
  /** Ends the epoch of a lane, whose validation is in `scores_`: notes it and decides whether the lane goes on. */
  void endEpoch(int index, Moment& moment, EpochRecords& records);
  void judge(int index, const Moment& moment, double trainingLoss);
  void freeze(Lane& lane, LaneState state, const Moment& moment);
  /** Keeps the lane's weights of this moment when `loss`, reported for `epoch`, is its lowest so far. */
  void keepBest(int lane, double loss, int64_t epoch);
  /** Without validation, and one step an epoch: the epoch's loss is that of the weights before its step. */
  bool keepsBestBeforeStep() const { return !plan_.validation && batch_ == plan_.training.count; }
  /** Drops frozen lanes from running_. */
  void refreshLanes() {
    if (frozen_.exchange(false, std::memory_order_relaxed)) dropFrozen();
  }
  void dropFrozen();
  std::vector<double> updateNorms(const Lane& lane) const;
  LaneSet laneSet() const;
  size_t laneIndex(const Lane& lane) const { return static_cast<size_t>(&lane - lanes_.data()); }
  /** Learning rate of the step that has been counted last. */
  double rateOf(const Lane& lane, const Moment& moment) const;
  /** Units of time (Schedule::perStep) of the whole training. */
  int64_t totalTime() const;
  /** Whether the rule "no improvement" ends the lane, whose epoch was judged by `loss`. */
  bool hasStalled(Lane& lane, double loss) const;
  void endAll(LaneState state);
  uint64_t fingerprint() const;
  LaneGroup& groupOf(int lane) const;
  /** Those that have lanes in the set. */
  std::vector<LaneGroup*> groupsOf(const LaneSet& lanes) const;
  std::vector<float> valuesOf(size_t parameter, int lane) const;
  /** [lanes][values] */
  std::vector<float> valuesOfAll(size_t parameter) const;
  std::vector<float> bestOf(int lane) const;
  /** What the optimizer remembers of all lanes, as updateLayout_ says: what is remembered on the devices. */
  std::vector<float> deviceState() const;
  void restoreDevices(const std::vector<float>& state);

  /** Its graph has moved into the groups. */
  TrainPlan plan_;
  std::vector<std::unique_ptr<LaneGroup>> groups_;
  /** Of the first group: on the processor all lanes'. Graph, and names and shapes of parameters, are those of any. */
  Model<float>& model_;
  bool onDevices_;
  size_t batch_;
  /** Values of a row of inputs and of outputs. */
  size_t row_ = 0;
  size_t columns_ = 0;
  std::unique_ptr<Scoring> scoring_;
  /** One per thread that can train a lane of its own. None where it is done on devices. */
  std::vector<std::unique_ptr<LaneRunner>> runners_;
  /** Of a thread that trains a lane of its own: runs everything on the thread that asks. */
  ThreadPool alone_{1};
  std::vector<double> trainingSpread_;
  std::vector<double> validationSpread_;

  std::vector<Lane> lanes_;
  std::vector<unsigned char> active_;
  /** Lanes that run: all that are active, and between two calls of refreshLanes those that have just been frozen. */
  std::vector<int> running_;
  /** Whether a lane has been frozen since. */
  std::atomic<bool> frozen_{false};
  /** Null where it is done on devices. */
  std::unique_ptr<Updater> updater_;
  /** Of all lanes. */
  std::optional<UpdateLayout> updateLayout_;

  Generator generator_;
  std::vector<int64_t> order_;
  /** Whether the devices do not have the order yet. */
  bool newOrder_ = true;
  /** The batches of a round, and the memory of those that are gathered in shuffled order. */
  std::vector<Batch> batches_;
  size_t mostBatches_ = 1;
  AlignedBuffer<float> batchInputs_;
  std::vector<float> batchTargets_;
  std::vector<int64_t> batchClasses_;
  /** On the processor. */
  std::vector<OwnValues> own_;
  /** All values of its own of a lane. */
  size_t ownCount_ = 0;
  /** Whether a step is long enough to be shared by threads, where lanes do not come out even. */
  bool sharesSteps_ = false;
  /** The same of a lane that trains alone. */
  StepSharing sharing_;
  /** Whether a lane ends its epochs by itself: nothing has to be evaluated for all lanes together. */
  bool lanesEndEpochs_ = false;
  /** Steps of a round: grows and shrinks with the time they take. */
  int64_t roundSteps_ = 1;

  int64_t step_ = 0;
  int64_t epoch_ = 0;
  size_t position_ = 0;
  /** Seconds of training so far; counted only for the rule of time, so that equal runs have equal states otherwise. */
  double seconds_ = 0;
  bool startReported_ = false;
  /** The greater of the loss at the start and of knowing nothing, equal for all lanes: what "grown" is measured against. */
  double referenceLoss_ = 0;
  /** How many times the limit of an epoch a single batch may have. */
  static constexpr double kBatchMargin = 100;
  /** A start without any error leaves room for rounding. */
  static constexpr double kTiniestReference = 1e-12;
  std::vector<Tally> tallies_;
  std::vector<double> batchLoss_;
  std::vector<Score> scores_;
  /** What the first evaluation needs; null before and afterwards. */
  struct Start {
    /** Of many training rows. */
    DataSplit sample;
    std::vector<double> spread;
    /** All lanes have the same weights: the first is evaluated for all. */
    std::vector<unsigned char> first;
    std::optional<Score> training;
  };
  std::unique_ptr<Start> start_;

  uint64_t fingerprint_ = 0;

  std::atomic<int64_t> progress_{0};
  std::atomic<bool> interrupted_{false};
};

}  // namespace deltalab
