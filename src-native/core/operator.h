#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../cpu/conv_shape.h"
#include "../cpu/gemm.h"
#include "gradient_sink.h"
#include "graph.h"
#include "precision.h"
#include "shape.h"
#include "thread_pool.h"

namespace deltalab {

struct OperatorDefinition;

/** What a shape rule sees: the node, the shapes of its inputs, and the values of those that are constants. */
class NodeContext {
 public:
  const GraphNode* node = nullptr;
  /** Null: the optional input is omitted. */
  std::vector<const Shape*> shapes;
  /** Null: not an initializer. */
  std::vector<const Initializer*> initializers;

  size_t inputCount() const { return shapes.size(); }
  bool has(size_t input) const { return input < shapes.size() && shapes[input] != nullptr; }
  const Shape& shape(size_t input) const { return *shapes[input]; }

  double number(const char* attribute, double otherwise) const;
  int64_t integer(const char* attribute, int64_t otherwise) const;
  /** A list of whole numbers; `otherwise` where the attribute is absent. */
  std::vector<int64_t> integers(const char* attribute, std::vector<int64_t> otherwise = {}) const;
  /** A list of numbers; empty where the attribute is absent. */
  std::vector<double> numbers(const char* attribute) const;
  std::string text(const char* attribute, const char* otherwise) const;
  /** A list of words; empty where the attribute is absent. */
  std::vector<std::string> texts(const char* attribute) const;
  bool hasAttribute(const char* attribute) const { return find(attribute) != nullptr; }
  /** An axis attribute with negative values counted from the end; `limit` is the largest value allowed. */
  int64_t axis(int64_t otherwise, int64_t rank, int64_t limit) const;

  /** The values of an int64 input that is listed in OperatorDefinition::constants. */
  const std::vector<int64_t>& constantIntegers(size_t input) const;
  /** The value of a float input of one element that is listed there; `otherwise` where it is omitted. */
  double constantNumber(size_t input, double otherwise) const;

  /** Refuses too many inputs or outputs ('graph.shape') and attributes the operator does not have ('graph.attribute'). */
  void checkSignature(const OperatorDefinition& definition) const;

  /** Throws 'graph.shape' naming the node. */
  [[noreturn]] void failShape(const std::string& reason) const;
  /** Throws 'graph.attribute' naming the node and the attribute. */
  [[noreturn]] void failAttribute(const std::string& attribute, const std::string& reason) const;

 private:
  const Attribute* find(const char* name) const;
};

/** Which lanes take part in a step. */
struct LaneSet {
  int count = 1;
  /** Null: all. */
  const unsigned char* active = nullptr;
  int activeCount = 1;

  bool has(int lane) const { return !active || active[lane]; }
};

/** What random numbers of a step follow from, besides the node: equal for all lanes, so that they stay in lockstep. */
struct RandomKey {
  uint64_t seed = 0;
  /** Training steps done before this one. */
  uint64_t step = 0;
};

/** What the steps of a device read from its memory at the time they are done, so that a recorded step may be done again and again. */
struct DeviceRun {
  /** By lane, not 0: it takes part. Null: all do. */
  const unsigned char* active = nullptr;
  /** RandomKey::step. */
  const uint64_t* step = nullptr;
};

/** What a step runs with. */
struct Run {
  ThreadPool& pool;
  Workspace& workspace;
  LaneSet lanes;
  RandomKey random{};
  /** Null: gradients of all parameters are left in their buffers. Otherwise there is one lane. */
  GradientSink* sink = nullptr;
  /** Of programs that live on a device. */
  DeviceRun device{};
};

/**
 * What a program is for. Differentiation and Inference compute the graph as it is written; in Training, layers that behave
 * differently while training do so (Dropout drops, BatchNormalization normalises by the batch and updates its running values).
 */
enum class ProgramMode { Inference, Differentiation, Training };

/**
 * The memory of a value; views (Flatten, Reshape, Identity) share it.
 * Lanes lie one after another, or row by row interleaved ([rows][lanes][row]) where one wide product wrote them.
 */
template <class T>
struct Storage {
  T* data = nullptr;
  T* gradient = nullptr;
  /** Elements between lanes; 0: all lanes share the value. */
  size_t laneStride = 0;
};

template <class T>
struct Operand {
  Storage<T>* storage = nullptr;
  Shape shape;
  size_t count = 0;
  /** Elements between rows of the first dimension. */
  size_t rowStride = 0;
  /** A picture that lies in memory as [batch][y][x][channels], whatever its shape says (core/layout.h). */
  bool channelsLast = false;
  /** Of an input: backward writes ∂loss/∂this value... Of an output: its gradient is there to be read. */
  bool needsGradient = false;
  /** ...by adding to what a later consumer has already written. */
  bool accumulate = false;
  /** Of a parameter that this step alone reads: its place in Parameters::all(), for Run::sink. Otherwise -1. */
  int parameter = -1;

  explicit operator bool() const { return storage != nullptr; }
  const T* data(int lane) const { return storage->data + static_cast<size_t>(lane) * storage->laneStride; }
  T* mutableData(int lane) const { return storage->data + static_cast<size_t>(lane) * storage->laneStride; }
  T* gradient(int lane) const { return storage->gradient + static_cast<size_t>(lane) * storage->laneStride; }
};

/** Everything a step is made from. Shapes are final: a program is built for one batch size. */
template <class T>
struct StepSpec {
  NodeContext context;
  std::vector<Operand<T>> inputs;
  /** As many as the node has; an omitted one is empty. */
  std::vector<Operand<T>> outputs;
  int lanes = 1;
  ProgramMode mode = ProgramMode::Inference;
  /** Place of the node in the graph: tells the random numbers of nodes apart. */
  uint64_t node = 0;
  /** What the first input is multiplied by on the way in; a mask to add then follows the inputs (core/scaled_softmax.h). */
  double scale = 1;
  /** An activation fused into a product, with its parameter. */
  Activation activation = Activation::None;
  double activationAlpha = 0;
  /** A max-pool fused into a convolution, after its activation: the output is that of the pool. */
  std::optional<Window> pool{};
  /** The product of all lanes is one: weights of the lanes are stacked and the output is interleaved. */
  bool wide = false;
  Precision precision = Precision::Float32;
};

/** One operator of a compiled program. Neither call allocates. */
template <class T>
class Step {
 public:
  explicit Step(StepSpec<T>&& spec)
      : inputs(std::move(spec.inputs)), outputs(std::move(spec.outputs)), output(outputs[0]), lanes(spec.lanes) {}
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  virtual void forward(Run& run) = 0;
  /** Reads the gradients of the outputs, which it may overwrite, and writes those of the inputs that need one. */
  virtual void backward(Run& run) = 0;

 protected:
  std::vector<Operand<T>> inputs;
  std::vector<Operand<T>> outputs;
  /** The first output. */
  Operand<T>& output;
  int lanes;
};

enum class Device { Cpu, Cuda };

/** What backward reads besides the gradients of the outputs: memory the planner keeps until then. */
struct BackwardReads {
  bool inputs = false;
  bool output = false;
};

struct OperatorSample;

/**
 * An operator: its shape rule and its kernels. One file per operator makes one of these; ops/table.cpp lists them.
 * Only what is not the default need be set.
 */
struct OperatorDefinition {
  const char* opType = "";
  Device device = Device::Cpu;
  size_t minInputs = 1;
  size_t maxInputs = 1;
  size_t maxOutputs = 1;
  /** Attributes it understands; any other is refused. */
  std::vector<const char*> attributes;
  /** Inputs whose values must be known when planning (the shape of a Reshape): initializers, read through the NodeContext, never Operands. */
  std::vector<size_t> constants;
  /** Inputs that hold whole numbers: int64 initializers are given to the step as T, exact up to 2^24. */
  std::vector<size_t> indices;
  /** Inputs that a training run overwrites in forward, lane by lane, without a gradient: running statistics. */
  std::vector<size_t> running;
  /** Inputs whose gradients the step gives to Run::sink where Operand::parameter says so. */
  std::vector<size_t> sinks;
  /** Outputs from this one on have no gradient: indices, masks, running statistics. */
  size_t differentiableOutputs = SIZE_MAX;
  /** Shapes of the outputs, as many as the node names (NodeContext::node). */
  std::vector<Shape> (*shapes)(const NodeContext&) = nullptr;
  BackwardReads (*reads)(const NodeContext&) = [](const NodeContext&) { return BackwardReads{}; };
  /** Null for a view: the output is the memory of the first input under another shape. */
  std::unique_ptr<Step<float>> (*createFloat)(StepSpec<float>&&) = nullptr;
  std::unique_ptr<Step<double>> (*createDouble)(StepSpec<double>&&) = nullptr;
  /** For operators that do nothing in some modes; they are views there. */
  bool (*viewIn)(const NodeContext&, ProgramMode) = nullptr;
  /** Works element by element where all shapes are equal: any order of the elements in memory will do, the same for inputs and outputs. */
  bool elementwise = false;
  /** Its step applies StepSpec::activation to the first output. */
  bool fusesActivation = false;
  /** Its step applies StepSpec::scale and a mask, where it works along the last axis. */
  bool fusesScale = false;
  /** The other side of that: None where the operator is not an activation or its backward needs the input. */
  Activation (*fusable)(const NodeContext&, double& alpha) = nullptr;
  /** What it is tried with by every suite that walks the table, for a batch of this size; see sample.h. */
  std::vector<OperatorSample> (*samples)(int64_t batch) = nullptr;

  bool view() const { return createFloat == nullptr; }
  bool takesConstant(size_t input) const;
  bool takesIndices(size_t input) const;

  /** Sets the creators to StepType's constructors. */
  template <template <class> class StepType>
  void useSteps() {
    createFloat = [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
      return std::make_unique<StepType<float>>(std::move(spec));
    };
    createDouble = [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
      return std::make_unique<StepType<double>>(std::move(spec));
    };
  }
};

/** Null when there is no such kernel. */
const OperatorDefinition* findOperator(const std::string& opType, Device device);
/** Every kernel, in the order of the table. */
const std::vector<const OperatorDefinition*>& allOperators();

/** Elements below which spreading work over threads costs more than it saves. */
constexpr size_t kParallelElements = 32768;
/** Elements of one task of an elementwise kernel: a fixed size, so that no result depends on the number of threads. */
constexpr size_t kChunkElements = 16384;

/** f(lane) for every lane that takes part, on several threads when `elements` per lane make it worth while. */
template <class F>
void forEachLane(Run& run, size_t elements, F&& f) {
  const LaneSet& lanes = run.lanes;
  if (run.pool.threads() > 1 && lanes.activeCount > 1 && elements * lanes.activeCount >= kParallelElements) {
    run.pool.forEach(lanes.count, [&](int lane) {
      if (lanes.has(lane)) f(lane);
    });
    return;
  }
  for (int lane = 0; lane < lanes.count; ++lane) {
    if (lanes.has(lane)) f(lane);
  }
}

/** f(lane, begin, count) over pieces of `elements` values of every lane that takes part. For elementwise kernels only. */
template <class F>
void forEachChunk(Run& run, size_t elements, F&& f) {
  const LaneSet& lanes = run.lanes;
  if (run.pool.threads() == 1 || elements * lanes.activeCount < kParallelElements) {
    for (int lane = 0; lane < lanes.count; ++lane) {
      if (lanes.has(lane)) f(lane, size_t{0}, elements);
    }
    return;
  }
  const int chunks = static_cast<int>((elements + kChunkElements - 1) / kChunkElements);
  run.pool.forEach(lanes.count * chunks, [&](int index) {
    const int lane = index / chunks;
    if (!lanes.has(lane)) return;
    const size_t begin = static_cast<size_t>(index % chunks) * kChunkElements;
    f(lane, begin, elements - begin < kChunkElements ? elements - begin : kChunkElements);
  });
}

}  // namespace deltalab
