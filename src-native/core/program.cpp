#include "program.h"

#include <algorithm>
#include <type_traits>

#include "errors.h"

namespace deltalab {

namespace {

std::unique_ptr<Step<float>> deviceStep(DeviceBackend& device, StepSpec<float>&& spec) {
  const GraphNode& node = *spec.context.node;
  if (device.has(node.opType)) return device.createStep(std::move(spec));
  throw EngineError("device.operator", "The node " + node.name + ": " + node.opType + " is not computed on a graphics card",
                    {{"node", node.name}, {"operator", node.opType}});
}

}  // namespace

template <class T>
Program<T>::Program(Plan plan, Parameters<T>& parameters, ProgramMode mode, DeviceBackend* device, Precision precision)
    : plan_(std::move(plan)), levels_(orderByLevels(plan_)), parameters_(parameters), storages_(plan_.values.size()) {
  for (size_t i = 0; i < plan_.values.size(); ++i) {
    const PlannedValue& value = plan_.values[i];
    if (value.root != static_cast<int>(i)) continue;
    const size_t count = elementCount(value.shape);
    if (value.initializer >= 0) storages_[i] = parameters.ofInitializer(value.initializer).storage;
    else if (!value.varies) storages_[i].laneStride = 0;
    else storages_[i].laneStride = value.interleaved ? elementCount(value.shape, 1) : count;
  }
  planMemory(mode);
  createSteps(mode, device, precision);
}

template <class T>
Storage<T>& Program<T>::storageOf(int value) {
  return storages_[static_cast<size_t>(plan_.values[static_cast<size_t>(value)].root)];
}

template <class T>
Operand<T> Program<T>::operandOf(int index, ProgramMode mode) {
  Operand<T> operand;
  if (index < 0) return operand;
  const PlannedValue& value = plan_.values[static_cast<size_t>(index)];
  const PlannedValue& root = plan_.values[static_cast<size_t>(value.root)];
  operand.storage = &storageOf(index);
  operand.shape = value.shape;
  operand.count = elementCount(value.shape);
  const size_t row = value.shape.empty() ? 1 : elementCount(value.shape, 1);
  operand.rowStride = root.interleaved ? row * static_cast<size_t>(plan_.lanes) : row;
  operand.channelsLast = root.channelsLast;
  operand.needsGradient = mode != ProgramMode::Inference && value.differentiable;
  return operand;
}

/**
 * Time runs forward over the levels 0..F-1, then the loss at F, then backward: level i runs at 2F - i.
 * A value lives from the step that makes it to the last that reads it, its gradient from the first that writes it to its maker's backward.
 */
template <class T>
void Program<T>::planMemory(ProgramMode mode) {
  const int lossTime = static_cast<int>(levels_.size());
  const bool differentiates = mode != ProgramMode::Inference;
  struct Life {
    int begin = -1;
    int end = -1;
    int gradientBegin = -1;
    int gradientEnd = -1;
  };
  std::vector<Life> lives(plan_.values.size());
  const auto lifeOf = [&](int value) -> Life& {
    return lives[static_cast<size_t>(plan_.values[static_cast<size_t>(value)].root)];
  };
  const auto differentiable = [&](int value) { return plan_.values[static_cast<size_t>(value)].differentiable; };

  size_t place = 0;
  int time = 0;
  for (const PlannedNode& node : plan_.nodes) {
    while (place >= levels_[static_cast<size_t>(time)].end) ++time;
    ++place;
    const int backwardTime = 2 * lossTime - time;
    const bool goesBack = differentiates && node.differentiable;
    BackwardReads reads = node.definition->reads(node.context);
    if (node.activation != Activation::None) reads.output = true;
    for (int index : node.outputs) {
      if (index < 0) continue;
      Life& output = lifeOf(index);
      output.begin = time;
      output.end = std::max(output.end, goesBack && reads.output ? backwardTime : time);
      if (goesBack) output.gradientEnd = backwardTime;
    }
    for (int input : node.inputs) {
      if (input < 0) continue;
      Life& life = lifeOf(input);
      life.end = std::max(life.end, goesBack && reads.inputs ? backwardTime : time);
      if (goesBack && differentiable(input)) {
        // The last reader in forward order is the first to write in backward order.
        life.gradientBegin = life.gradientBegin < 0 ? backwardTime : std::min(life.gradientBegin, backwardTime);
      }
    }
  }
  for (int output : plan_.outputs) {
    Life& life = lifeOf(output);
    life.end = std::max(life.end, lossTime);
    if (differentiates && differentiable(output)) {
      life.gradientBegin = lossTime;
      life.gradientEnd = std::max(life.gradientEnd, lossTime);
    }
  }

  for (size_t i = 0; i < plan_.values.size(); ++i) {
    const PlannedValue& value = plan_.values[i];
    const bool owns = value.root == static_cast<int>(i) && value.initializer < 0;
    if (!owns) continue;
    const size_t lanes = value.varies ? static_cast<size_t>(plan_.lanes) : 1;
    const size_t size = alignedCount<T>(elementCount(value.shape) * lanes);
    const Life& life = lives[i];
    if (value.input < 0 && life.begin >= 0) {
      places_.push_back({static_cast<int>(i), false, {size, life.begin, life.end}});
    }
    if (life.gradientBegin >= 0 && life.gradientEnd >= 0) {
      places_.push_back({static_cast<int>(i), true, {size, life.gradientBegin, life.gradientEnd}});
    }
  }
  std::vector<ArenaBlock> blocks;
  for (const Place& place : places_) blocks.push_back(place.block);
  arenaSize_ = layOut(blocks);
  for (size_t i = 0; i < blocks.size(); ++i) places_[i].block = blocks[i];
}

template <class T>
void Program<T>::createSteps(ProgramMode mode, DeviceBackend* device, Precision precision) {
  // Which inputs' gradients have already been written when a step's backward runs: walk in the order of backward.
  std::vector<bool> written(plan_.values.size(), false);
  const auto rootOf = [&](int value) { return static_cast<size_t>(plan_.values[static_cast<size_t>(value)].root); };
  for (int output : plan_.outputs) written[rootOf(output)] = true;

  std::vector<std::vector<Operand<T>>> inputs(plan_.nodes.size());
  std::vector<std::vector<Operand<T>>> outputs(plan_.nodes.size());
  for (size_t i = plan_.nodes.size(); i-- > 0;) {
    for (int output : plan_.nodes[i].outputs) {
      Operand<T> operand = operandOf(output, mode);
      // Nobody writes the gradient of an output that is not read on the way to the loss.
      if (operand) operand.needsGradient = operand.needsGradient && written[rootOf(output)];
      outputs[i].push_back(std::move(operand));
    }
    for (int input : plan_.nodes[i].inputs) {
      Operand<T> operand = operandOf(input, mode);
      operand.needsGradient = operand.needsGradient && plan_.nodes[i].differentiable;
      if (operand.needsGradient) {
        operand.accumulate = written[rootOf(input)];
        written[rootOf(input)] = true;
      }
      inputs[i].push_back(std::move(operand));
    }
  }
  findSinks(inputs);
  for (size_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlannedNode& node = plan_.nodes[i];
    StepSpec<T> spec;
    spec.context = node.context;
    spec.inputs = std::move(inputs[i]);
    spec.outputs = std::move(outputs[i]);
    spec.lanes = node.varies ? plan_.lanes : 1;
    spec.mode = mode;
    spec.node = node.index;
    spec.activation = node.activation;
    spec.activationAlpha = node.activationAlpha;
    spec.scale = node.scale;
    spec.pool = node.pool;
    spec.wide = node.wide;
    spec.precision = precision;
    BoundStep bound{nullptr, node.varies, mode != ProgramMode::Inference && node.differentiable};
    if constexpr (std::is_same_v<T, float>) bound.step = device ? deviceStep(*device, std::move(spec)) : node.definition->createFloat(std::move(spec));
    else bound.step = node.definition->createDouble(std::move(spec));
    steps_.push_back(std::move(bound));
  }
  for (int output : plan_.outputs) outputs_.push_back(operandOf(output, mode));
  if (mode != ProgramMode::Inference) {
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const PlannedValue& value = plan_.values[i];
      if (value.initializer >= 0 && value.differentiable && written[i]) parameters_.ofInitializer(value.initializer).reached = true;
    }
  }
}

/** A weight that two steps read must keep its value until both have passed, so its gradient is collected in the buffer. */
template <class T>
void Program<T>::findSinks(std::vector<std::vector<Operand<T>>>& inputs) {
  sinks_.assign(parameters_.all().size(), false);
  std::vector<int> readers(plan_.values.size(), 0);
  const auto rootOf = [&](int value) { return static_cast<size_t>(plan_.values[static_cast<size_t>(value)].root); };
  for (const PlannedNode& node : plan_.nodes) {
    for (int input : node.inputs) {
      if (input >= 0) ++readers[rootOf(input)];
    }
  }
  for (int output : plan_.outputs) ++readers[rootOf(output)];
  for (size_t i = 0; i < plan_.nodes.size(); ++i) {
    const PlannedNode& node = plan_.nodes[i];
    for (size_t j : node.definition->sinks) {
      if (j >= node.inputs.size() || node.inputs[j] < 0 || !inputs[i][j].needsGradient) continue;
      const size_t root = rootOf(node.inputs[j]);
      const int initializer = plan_.values[root].initializer;
      if (initializer < 0 || readers[root] != 1) continue;
      inputs[i][j].parameter = initializer;
      sinks_[static_cast<size_t>(initializer)] = true;
    }
  }
}

template <class T>
void Program<T>::bindArena(T* arena) {
  for (const Place& place : places_) {
    Storage<T>& storage = storages_[static_cast<size_t>(place.value)];
    (place.gradient ? storage.gradient : storage.data) = arena + place.block.offset;
  }
}

template <class T>
void Program<T>::bindLane(int lane) {
  for (size_t i = 0; i < plan_.values.size(); ++i) {
    const int initializer = plan_.values[i].initializer;
    if (initializer < 0) continue;
    const Parameter<T>& parameter = parameters_.ofInitializer(initializer);
    storages_[i].data = parameter.values(lane);
    if (parameter.storage.gradient) storages_[i].gradient = parameter.gradients(lane);
  }
}

template <class T>
void Program<T>::setInput(int input, const T* values) {
  // The planner adds the inputs first, so value and input have the same index. No step writes an input.
  storages_[static_cast<size_t>(input)].data = const_cast<T*>(values);
}

/** f(step, run) for the steps of a level, on several threads where that pays; each thread then has a workspace of its own. */
template <class T>
template <class F>
void Program<T>::eachOf(const Level& level, Run& run, F&& f) {
  const size_t threads = static_cast<size_t>(run.pool.threads());
  if (workspaces_.size() + 1 < threads) workspaces_.resize(threads - 1);
  run.pool.forEach(static_cast<int>(level.end - level.begin), [&](int index, int thread) {
    Workspace& workspace = thread == 0 ? run.workspace : workspaces_[static_cast<size_t>(thread) - 1];
    Run own{run.pool, workspace, run.lanes, run.random, run.sink, run.device};
    f(steps_[level.begin + static_cast<size_t>(index)], own);
  });
}

template <class T>
void Program<T>::forward(Run& run) {
  const auto compute = [](BoundStep& bound, Run& with) {
    Run shared{with.pool, with.workspace, LaneSet{}, with.random, nullptr, with.device};
    bound.step->forward(bound.varies ? with : shared);
  };
  for (const Level& level : levels_) {
    if (level.together && run.pool.threads() > 1) {
      eachOf(level, run, compute);
      continue;
    }
    for (size_t i = level.begin; i < level.end; ++i) compute(steps_[i], run);
  }
}

template <class T>
void Program<T>::backward(Run& run) {
  const auto compute = [](BoundStep& bound, Run& with) {
    if (bound.backward) bound.step->backward(with);
  };
  for (size_t at = levels_.size(); at-- > 0;) {
    const Level& level = levels_[at];
    if (level.togetherBackward && run.pool.threads() > 1) {
      eachOf(level, run, compute);
      continue;
    }
    for (size_t i = level.end; i-- > level.begin;) compute(steps_[i], run);
  }
}

template class Program<float>;
template class Program<double>;

}  // namespace deltalab
