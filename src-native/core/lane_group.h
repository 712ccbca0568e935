#pragma once

#include <memory>
#include <vector>

#include "device_training.h"
#include "evaluator.h"
#include "model.h"

namespace deltalab {

/** Lanes that follow each other and have one model: all of a training on the processor, or those of one of its devices. */
struct LaneGroup {
  LaneGroup(Graph graph, int firstLane, int lanes, int threads, DeviceBackend* device, Precision precision)
      : first(firstLane), model(std::move(graph), lanes, device ? 1 : threads, true, device, precision) {}

  bool has(int lane) const { return lane >= first && lane < first + model.lanes(); }
  /** The number here of a lane of the training. */
  int own(int lane) const { return lane - first; }
  /** Those of a set of the training's lanes that are here, by their numbers here. */
  LaneSet of(const LaneSet& all) const;

  /** What the steps and evaluations need besides the programs of `training`. The plan and the scoring must stay where they are. Throws 'device.memory'. */
  void prepare(const TrainPlan& plan, const Scoring& scoring);

  /** Values of a parameter, of `lanes` lanes from one of these on, by its number here. On a device both wait. */
  void read(size_t parameter, int lane, size_t lanes, float* to) const;
  void write(size_t parameter, const float* allLanes);

  int first;
  Model<float> model;
  /** Null: on the processor. */
  std::unique_ptr<DeviceTraining> training;
  std::unique_ptr<Evaluator> evaluator;
  /** Of the evaluation between two steps. Its data are null while there is none here. */
  EvaluationPass pass;
};

/** The groups of a training: one on each device, as even as they come out and none empty; a single one on the processor, where there is no device. */
std::vector<std::unique_ptr<LaneGroup>> makeGroups(Graph graph, size_t lanes, int threads, const std::vector<DeviceBackend*>& devices,
                                                   Precision precision);

}  // namespace deltalab
