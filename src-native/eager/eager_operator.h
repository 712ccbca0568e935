#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/device_backend.h"
#include "core/memory.h"
#include "core/operator.h"

namespace deltalab {

/** An input of an operator that is run by itself. */
struct EagerInput {
  Shape shape;
  /** backward writes its gradient. */
  bool needsGradient = false;
  /** An optional input that is left out. */
  bool omitted = false;
  /** The values of an input that the operator wants constant (OperatorDefinition::constants); no memory is given for it. */
  std::optional<Initializer> constant{};
};

struct EagerRequest {
  std::string opType;
  std::vector<Attribute> attributes;
  std::vector<EagerInput> inputs;
  size_t outputs = 1;
};

/** Memory that must be given to backward; forward needs all inputs and outputs. */
struct EagerSaves {
  bool inputs = false;
  bool output = false;
};

/**
 * One operator of the table for given shapes, run on memory of the caller's: the eager counterpart of a Program. It computes what a
 * program of this one node computes in ProgramMode::Differentiation, bit for bit. On a device all memory is the device's, and calls only
 * ask for work.
 *
 * It can be kept and run any number of times: what a step keeps between forward and backward (the argmax of a pool) belongs to the last
 * forward, and backward of an earlier one repeats its forward first. So no call leaves anything behind that would have to be freed.
 */
template <class T>
class EagerOperator {
 public:
  /**
   * Throws 'graph.operator', 'graph.shape' or 'graph.attribute' as the planner does, 'graph.value' where a constant does not fit its shape.
   * `device`: of float only, and one that has the operator.
   */
  explicit EagerOperator(EagerRequest request, DeviceBackend* device = nullptr);

  const OperatorDefinition& definition() const { return definition_; }
  const std::vector<Shape>& outputShapes() const { return outputShapes_; }
  size_t inputCount() const { return inputs_.size(); }
  size_t outputCount() const { return outputShapes_.size(); }
  /** Elements of an input; 0 where no memory is given for it. */
  size_t inputElements(size_t input) const { return inputs_[input].storage ? inputs_[input].count : 0; }
  /** Whether backward writes the gradient of an input. */
  bool needsGradient(size_t input) const { return inputs_[input].needsGradient; }
  bool differentiable(size_t output) const { return output < definition_.differentiableOutputs; }
  size_t outputElements(size_t output) const { return outputs_[output].count; }
  /** The output is the input under another shape: forward and backward copy. */
  bool view() const { return step_ == nullptr; }
  /** What the formulas of backward read. */
  BackwardReads reads() const { return reads_; }
  /** That, and what is needed to repeat forward. */
  EagerSaves saves() const;

  /**
   * Computes all outputs. Null for inputs without memory. `call` is a number that no other call has (above 0): it tells backward which
   * forward is meant.
   */
  void forward(Run& run, uint64_t call, const T* const* inputs, T* const* outputs);

  /**
   * The gradients of the inputs that need one, for that forward call, which another operator of equal request may have run. Inputs and outputs have the values they had then; those
   * that `saves` does not ask for may be null. `outputGradients`, one per differentiable output, may be overwritten on the processor.
   */
  void backward(Run& run, uint64_t call, const T* const* inputs, T* const* outputs, T* const* outputGradients, T* const* inputGradients);

 private:
  void bind(const T* const* inputs, T* const* outputs);
  void repeat(Run& run, const T* const* inputs);
  void copy(const T* from, T* to, size_t count);
  void clear(T* values, size_t count);

  EagerRequest request_;
  const OperatorDefinition& definition_;
  GraphNode node_;
  NodeContext context_;
  std::vector<Shape> outputShapes_;
  std::vector<Storage<T>> storages_;
  std::vector<Operand<T>> inputs_, outputs_;
  BackwardReads reads_;
  DeviceBackend* device_;
  std::unique_ptr<Step<T>> step_;
  std::vector<DeviceBuffer<T>> deviceScratch_;
  bool keepsState_ = false;
  /** The forward call whose state the step has; 0: of none. */
  uint64_t last_ = 0;
};

extern template class EagerOperator<float>;
extern template class EagerOperator<double>;

}  // namespace deltalab
