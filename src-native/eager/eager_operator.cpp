#include "eager_operator.h"

#include <algorithm>
#include <array>
#include <type_traits>

#include "core/errors.h"

namespace deltalab {

namespace {

const OperatorDefinition& definitionOf(const std::string& opType) {
  const OperatorDefinition* definition = findOperator(opType, Device::Cpu);
  if (!definition) {
    throw EngineError("graph.operator", "The engine has no operator " + opType, {{"node", opType}, {"operator", opType}});
  }
  return *definition;
}

/**
 * Operators whose steps keep nothing of a forward call, besides what OperatorDefinition::reads says: backward of an earlier call need not
 * repeat it. Others are taken to keep something; one that is listed wrongly fails eager_operators_keep_calls_apart.
 */
bool keepsNothing(const std::string& opType) {
  static constexpr std::array kNames{"Abs",       "Add",        "Cast",       "Clip",      "Concat", "Cos",       "Div",     "Elu",     "Erf",
                                     "Exp",       "Expand",     "Flatten",    "Gelu",      "Gemm",   "Identity",  "LeakyRelu", "Log",   "LogSoftmax",
                                     "MatMul",    "Max",        "Mean",       "Min",       "Mul",    "Neg",       "Pad",     "Pow",     "Reciprocal",
                                     "ReduceMax", "ReduceMean", "ReduceMin",  "ReduceSum", "Relu",   "Reshape",   "Selu",    "Sigmoid", "Sin",
                                     "Slice",     "Softmax",    "Softplus",   "Split",     "Sqrt",   "Squeeze",   "Sub",     "Sum",     "Tanh",
                                     "Transpose", "Unsqueeze"};
  return std::any_of(kNames.begin(), kNames.end(), [&](const char* name) { return opType == name; });
}

void checkConstant(const NodeContext& context, size_t input, const Initializer& constant) {
  const size_t count = constant.integer ? constant.integers.size() : constant.values.size();
  if (count != elementCount(constant.dims)) {
    context.failShape("input " + std::to_string(input + 1) + " of shape " + toText(constant.dims) + " has " + std::to_string(count) + " values");
  }
}

}  // namespace

template <class T>
EagerOperator<T>::EagerOperator(EagerRequest request, DeviceBackend* device)
    : request_(std::move(request)),
      definition_(definitionOf(request_.opType)),
      storages_(request_.inputs.size() + request_.outputs),
      device_(device),
      keepsState_(!keepsNothing(request_.opType)) {
  node_.name = request_.opType;
  node_.opType = request_.opType;
  node_.attributes = request_.attributes;
  context_.node = &node_;
  for (size_t i = 0; i < request_.inputs.size(); ++i) node_.inputs.push_back(request_.inputs[i].omitted ? "" : "input " + std::to_string(i + 1));
  for (size_t i = 0; i < request_.outputs; ++i) node_.outputs.push_back("output " + std::to_string(i + 1));
  context_.checkSignature(definition_);
  for (size_t i = 0; i < request_.inputs.size(); ++i) {
    const EagerInput& input = request_.inputs[i];
    const bool asConstant = definition_.takesConstant(i);
    context_.shapes.push_back(input.omitted ? nullptr : &input.shape);
    context_.initializers.push_back(input.constant ? &*input.constant : nullptr);
    if (input.omitted) continue;
    if (asConstant != input.constant.has_value()) {
      context_.failShape("input " + std::to_string(i + 1) + (asConstant ? " must be a constant" : " cannot be a constant"));
    }
    if (asConstant) checkConstant(context_, i, *input.constant);
  }
  for (size_t i = 0; i < definition_.minInputs; ++i) {
    if (!context_.has(i)) context_.failShape("input " + std::to_string(i + 1) + " is missing");
  }
  outputShapes_ = definition_.shapes(context_);
  outputShapes_.resize(request_.outputs);
  reads_ = definition_.reads(context_);

  const auto operandOf = [&](const Shape& shape, Storage<T>& storage, bool needsGradient) {
    Operand<T> operand;
    operand.storage = &storage;
    operand.shape = shape;
    operand.count = elementCount(shape);
    operand.rowStride = shape.empty() ? 1 : elementCount(shape, 1);
    operand.needsGradient = needsGradient;
    return operand;
  };
  bool anyGradient = false;
  for (size_t i = 0; i < request_.inputs.size(); ++i) {
    const EagerInput& input = request_.inputs[i];
    const bool hasMemory = !input.omitted && !input.constant;
    const bool needsGradient = hasMemory && input.needsGradient;
    anyGradient = anyGradient || needsGradient;
    inputs_.push_back(hasMemory ? operandOf(input.shape, storages_[i], needsGradient) : Operand<T>{});
  }
  for (size_t i = 0; i < request_.outputs; ++i) {
    outputs_.push_back(operandOf(outputShapes_[i], storages_[request_.inputs.size() + i], anyGradient && differentiable(i)));
  }

  const ProgramMode mode = anyGradient ? ProgramMode::Differentiation : ProgramMode::Inference;
  if (definition_.view() || (definition_.viewIn && definition_.viewIn(context_, mode))) return;
  StepSpec<T> spec;
  spec.context = context_;
  spec.inputs = inputs_;
  spec.outputs = outputs_;
  spec.mode = mode;
  if constexpr (std::is_same_v<T, float>) step_ = device_ ? device_->createStep(std::move(spec)) : definition_.createFloat(std::move(spec));
  else step_ = definition_.createDouble(std::move(spec));
}

template <class T>
EagerSaves EagerOperator<T>::saves() const {
  if (view()) return {};
  return {reads_.inputs || keepsState_, reads_.output};
}

template <class T>
void EagerOperator<T>::copy(const T* from, T* to, size_t count) {
  if (device_) device_->copyWithin(to, from, count * sizeof(T));
  else std::copy_n(from, count, to);
}

template <class T>
void EagerOperator<T>::clear(T* values, size_t count) {
  if (device_) device_->clear(values, count * sizeof(T));
  else std::fill_n(values, count, T(0));
}

template <class T>
void EagerOperator<T>::bind(const T* const* inputs, T* const* outputs) {
  // No step writes an input, except running statistics, which do not run in these modes.
  for (size_t i = 0; i < inputs_.size(); ++i) storages_[i].data = inputs_[i] ? const_cast<T*>(inputs[i]) : nullptr;
  for (size_t i = 0; i < outputs_.size(); ++i) storages_[inputs_.size() + i].data = outputs[i];
}

template <class T>
void EagerOperator<T>::forward(Run& run, uint64_t call, const T* const* inputs, T* const* outputs) {
  if (view()) {
    copy(inputs[0], outputs[0], outputs_[0].count);
    return;
  }
  bind(inputs, outputs);
  // A call that throws half-way leaves no state that could be taken for an earlier one's.
  last_ = 0;
  step_->forward(run);
  last_ = call;
}

/** Forward into memory that is thrown away: for the state alone. */
template <class T>
void EagerOperator<T>::repeat(Run& run, const T* const* inputs) {
  std::vector<AlignedBuffer<T>> scratch;
  std::vector<T*> outputs;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const size_t count = outputs_[i].count;
    if (!device_) {
      scratch.emplace_back(count);
      outputs.push_back(scratch.back().data());
      continue;
    }
    // A device's memory is kept: to ask for it each time would take longer than the step.
    if (deviceScratch_.size() == i) deviceScratch_.emplace_back(*device_, count);
    outputs.push_back(deviceScratch_[i].data());
  }
  bind(inputs, outputs.data());
  step_->forward(run);
}

template <class T>
void EagerOperator<T>::backward(Run& run, uint64_t call, const T* const* inputs, T* const* outputs, T* const* outputGradients,
                                T* const* inputGradients) {
  if (view()) {
    if (inputs_[0].needsGradient) copy(outputGradients[0], inputGradients[0], outputs_[0].count);
    return;
  }
  const bool differentiates = std::any_of(outputs_.begin(), outputs_.end(), [](const Operand<T>& output) { return output.needsGradient; });
  if (!differentiates) {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].needsGradient) clear(inputGradients[i], inputs_[i].count);
    }
    return;
  }
  if (keepsState_ && call != last_) {
    last_ = 0;
    repeat(run, inputs);
    last_ = call;
  }
  bind(inputs, outputs);
  for (size_t i = 0; i < inputs_.size(); ++i) storages_[i].gradient = inputs_[i].needsGradient ? inputGradients[i] : nullptr;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    storages_[inputs_.size() + i].gradient = outputs_[i].needsGradient ? outputGradients[i] : nullptr;
  }
  step_->backward(run);
}

template class EagerOperator<float>;
template class EagerOperator<double>;

}  // namespace deltalab
