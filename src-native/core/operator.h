#pragma once

#include <memory>
#include <string>
#include <vector>

#include "../cpu/gemm.h"
#include "graph.h"
#include "shape.h"
#include "thread_pool.h"

namespace deltalab {

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
  /** An axis attribute with negative values counted from the end; `limit` is the largest value allowed. */
  int64_t axis(int64_t otherwise, int64_t rank, int64_t limit) const;

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

/** What a step runs with. */
struct Run {
  ThreadPool& pool;
  Workspace& workspace;
  LaneSet lanes;
};

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
  /** backward writes ∂loss/∂this value... */
  bool needsGradient = false;
  /** ...by adding to what a later consumer has already written. */
  bool accumulate = false;

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
  Operand<T> output;
  int lanes = 1;
  /** An activation fused into a product, with its parameter. */
  Activation activation = Activation::None;
  double activationAlpha = 0;
  /** The product of all lanes is one: weights of the lanes are stacked and the output is interleaved. */
  bool wide = false;
};

/** One operator of a compiled program. Neither call allocates. */
template <class T>
class Step {
 public:
  explicit Step(StepSpec<T>&& spec) : inputs(std::move(spec.inputs)), output(std::move(spec.output)), lanes(spec.lanes) {}
  virtual ~Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

  virtual void forward(Run& run) = 0;
  /** Reads the gradient of the output, which it may overwrite, and writes those of the inputs that need one. */
  virtual void backward(Run& run) = 0;

 protected:
  std::vector<Operand<T>> inputs;
  Operand<T> output;
  int lanes;
};

enum class Device { Cpu, Cuda };

/** What backward reads besides the gradient of the output: memory the planner keeps until then. */
struct BackwardReads {
  bool inputs = false;
  bool output = false;
};

/** An operator: its shape rule and its kernels. One file per operator defines one of these; ops/table.cpp lists them. */
struct OperatorDefinition {
  const char* opType;
  Device device;
  size_t minInputs;
  size_t maxInputs;
  /** Attributes it understands; any other is refused. */
  std::vector<const char*> attributes;
  Shape (*shape)(const NodeContext&);
  BackwardReads (*reads)(const NodeContext&);
  /** Null for a view: the output is the memory of the first input under another shape. */
  std::unique_ptr<Step<float>> (*createFloat)(StepSpec<float>&&);
  std::unique_ptr<Step<double>> (*createDouble)(StepSpec<double>&&);
  /** For the planner's fusion into a product; None where the operator is not an activation or its backward needs the input. */
  Activation (*fusable)(const NodeContext&, double& alpha) = nullptr;

  bool view() const { return createFloat == nullptr; }
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
