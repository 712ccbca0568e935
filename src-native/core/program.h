#pragma once

#include <memory>
#include <vector>

#include "arena.h"
#include "levels.h"
#include "memory.h"
#include "parameters.h"
#include "planner.h"

namespace deltalab {

/**
 * A plan made executable for one batch size: steps over memory in an arena that programs may share, since nothing in it outlives a run.
 * Branches that do not depend on each other are computed at a time where they are small (Level); no bit depends on it.
 * Unless the mode is Inference, the first output's gradient is written by the caller (the loss) between forward and backward.
 */
template <class T>
class Program {
 public:
  /** On `device`, where the parameters are, if there is one. Throws 'device.operator' for an operator that it lacks. */
  Program(Plan plan, Parameters<T>& parameters, ProgramMode mode, DeviceBackend* device = nullptr, Precision precision = Precision::Float32);

  /** Elements the arena needs. */
  size_t arenaSize() const { return arenaSize_; }
  /** Must be called before the first run; `arena` is aligned and at least arenaSize() long. */
  void bindArena(T* arena);
  /** For a plan of one lane: runs with the weights of this lane of the parameters from now on. */
  void bindLane(int lane);
  /** Parameters whose gradients go to Run::sink instead of their buffers, if there is one: in the order of Parameters::all(). */
  const std::vector<bool>& sinks() const { return sinks_; }
  /** The values of an input of the graph, read by forward and backward; not copied. */
  void setInput(int input, const T* values);

  void forward(Run& run);
  void backward(Run& run);

  const Operand<T>& output(int index) const { return outputs_[static_cast<size_t>(index)]; }
  const Plan& plan() const { return plan_; }

 private:
  /** A place in the arena for the data or the gradient of a value. */
  struct Place {
    int value;
    bool gradient;
    ArenaBlock block;
  };

  void planMemory(ProgramMode mode);
  void createSteps(ProgramMode mode, DeviceBackend* device, Precision precision);
  void findSinks(std::vector<std::vector<Operand<T>>>& inputs);
  Operand<T> operandOf(int value, ProgramMode mode);
  Storage<T>& storageOf(int value);
  template <class F>
  void eachOf(const Level& level, Run& run, F&& f);

  Plan plan_;
  /** Of plan_.nodes, and so of steps_. */
  std::vector<Level> levels_;
  Parameters<T>& parameters_;
  /** By value; used at roots. */
  std::vector<Storage<T>> storages_;
  std::vector<Place> places_;
  size_t arenaSize_ = 0;
  struct BoundStep {
    std::unique_ptr<Step<T>> step;
    bool varies;
    bool backward;
  };
  std::vector<BoundStep> steps_;
  /** For threads other than the first, where steps run at a time. */
  std::vector<Workspace> workspaces_;
  std::vector<Operand<T>> outputs_;
  std::vector<bool> sinks_;
};

extern template class Program<float>;
extern template class Program<double>;

}  // namespace deltalab
